//! What the command says: data to stdout, talk to stderr. The only file that prints.

use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use demurrage_core::lifecycle::{PolicyRejection, Severity};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report};
use serde::Serialize;

use crate::failure::Failure;

/// Writes data to stdout.
pub(crate) fn data(text: &str) -> Result<(), Failure> {
    finish(io::stdout().lock().write_all(text.as_bytes()))
}

/// Writes a JSON document to stdout, indented as the AWS CLI does.
pub(crate) fn json(document: &impl Serialize) -> Result<(), Failure> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, formatter);
    let written = document.serialize(&mut serializer).map_err(io::Error::from);
    finish(written.and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()))
}

/// A reader that closes its end, such as `head`, has what it wanted.
fn finish(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(Failure::Output),
    }
}

/// Whether nothing is said but what is wrong, and what somebody is asked.
static IS_QUIET: AtomicBool = AtomicBool::new(false);

/// From now on nothing is said but what is wrong, and what somebody is asked.
pub(crate) fn be_quiet() {
    IS_QUIET.store(true, Ordering::Relaxed);
}

/// Whether there is nothing to say but what is wrong: nor how far something is.
pub(crate) fn is_quiet() -> bool {
    IS_QUIET.load(Ordering::Relaxed)
}

/// Says a line on stderr, unless it is to be quiet. That nobody listens there is no failure.
pub(crate) fn say(line: impl AsRef<str>) {
    if !is_quiet() {
        tell(line);
    }
}

/// Says a line on stderr, whoever wants to hear nothing: what is wrong, and what somebody is asked.
pub(crate) fn tell(line: impl AsRef<str>) {
    let _ = writeln!(io::stderr().lock(), "{}", line.as_ref());
}

/// Says that something is odd, and goes on.
pub(crate) fn warn(line: impl AsRef<str>) {
    tell(format!("warning: {}", line.as_ref()));
}

/// Says how to mend it, where there is something to say.
pub(crate) fn hint(line: &str) {
    if !line.is_empty() {
        say(format!("hint: {line}"));
    }
}

/// Says why the command stops.
pub(crate) fn failure(failure: &Failure) {
    tell(format!("error: {failure}"));
    if let Failure::Policy { path, rejection } = failure {
        policy_rejection(&path.display().to_string(), rejection);
    }
    if let Failure::Place { path, text, cause, help, span } = failure {
        let diagnostic = MietteDiagnostic::new(cause).with_help(help).with_label(label(text, span));
        if let Some(shown) = labelled(&path.display().to_string(), text, diagnostic) {
            tell(shown);
        }
    }
    if let Some(help) = failure.help().filter(|help| !help.is_empty()) {
        tell(format!("hint: {help}"));
    }
}

/// Shows each error of a policy in its text.
pub(crate) fn policy_rejection(name: &str, rejection: &PolicyRejection) {
    for problem in rejection.problems.iter().filter(|problem| problem.id.severity() == Severity::Error) {
        let help = match &problem.ecr_message {
            Some(ecr_message) => format!("{}\nECR says: {ecr_message}", problem.help),
            None => problem.help.clone(),
        };
        let place =
            if problem.pointer.is_empty() { String::new() } else { format!(" at {}", problem.pointer) };
        let message = format!("{}{place}, line {} column {}", problem.message, problem.line, problem.column);
        let diagnostic = MietteDiagnostic::new(message)
            .with_code(problem.id.name())
            .with_help(help)
            .with_label(label(&rejection.text, &problem.span));
        tell(labelled(name, &rejection.text, diagnostic).unwrap_or_else(|| format!("  {problem}")));
    }
}

/// A label over a whole rule would hide more than it shows: it points at the beginning.
fn label(text: &str, span: &Range<usize>) -> LabeledSpan {
    let is_long = text.get(span.clone()).is_some_and(|text| text.contains('\n'));
    let length = if is_long { 1 } else { span.len() };
    LabeledSpan::at(span.start..span.start + length, "here")
}

/// A problem in the text of a file, with its place in it.
fn labelled(name: &str, text: &str, diagnostic: MietteDiagnostic) -> Option<String> {
    let theme = if std::env::var_os("NO_COLOR").is_some() || !io::IsTerminal::is_terminal(&io::stderr()) {
        GraphicalTheme::unicode_nocolor()
    } else {
        GraphicalTheme::unicode()
    };
    let handler = GraphicalReportHandler::new_themed(theme).with_links(false);
    let report = Report::new(diagnostic).with_source_code(NamedSource::new(name, shortened(text)));
    let mut shown = String::new();
    handler.render_report(&mut shown, report.as_ref()).ok()?;
    Some(shown)
}

/// A text that is no policy by its length alone is not shown whole.
fn shortened(text: &str) -> String {
    const SHOWN_BYTES_MAX: usize = 64 * 1024;
    let end = (0..=text.len().min(SHOWN_BYTES_MAX)).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    text.get(..end).unwrap_or_default().to_owned()
}
