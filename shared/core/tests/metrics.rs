//! The page about metrics says of each metric what the catalogue says, and of none that there is not.

use std::collections::BTreeSet;

use demurrage_core::metric::{Dimensions, Metric, NAMESPACE, STATISTIC, metrics_of};

const PAGE: &str = include_str!("../../../docs/METRICS.md");

/// What the page should say of a metric.
fn row(metric: Metric) -> String {
    let dimensions: Vec<String> =
        metric.dimensions().names().iter().map(|name| format!("`{name}`")).collect();
    let unit = metric.unit().name();
    format!("| `{metric}` | {unit} | {} | {} |", dimensions.join(", "), metric.meaning())
}

#[test]
fn the_page_has_one_row_for_each_metric_in_the_order_of_the_catalogue_and_no_other() {
    let rows: Vec<&str> = PAGE.lines().filter(|line| line.starts_with("| `")).collect();
    let wanted: Vec<String> = Metric::ALL.iter().copied().map(row).collect();
    assert_eq!(rows, wanted);
}

#[test]
fn the_page_names_the_namespace_the_statistic_and_how_many_metrics_there_are() {
    let named = format!("are in the namespace `{NAMESPACE}`");
    assert!(PAGE.contains(&named), "the page does not say: {named}");
    let read = format!("are read by the statistic `{STATISTIC}`");
    assert!(PAGE.contains(&read), "the page does not say: {read}");
    let (fixed, with_one) = (metrics_of(0), metrics_of(1));
    let formula = format!("    {fixed} + {} × R\n", with_one - fixed);
    assert!(PAGE.contains(&formula), "the page does not say: {formula}");
    let examples = format!("metrics: {with_one} with one registry, {} with three", metrics_of(3));
    assert!(PAGE.contains(&examples), "the page does not say: {examples}");
}

#[test]
fn each_metric_has_a_name_of_its_own_and_says_how_sure_it_is() {
    let names: BTreeSet<&str> = Metric::ALL.iter().map(|metric| metric.name()).collect();
    assert_eq!(names.len(), Metric::ALL.len());
    for metric in Metric::ALL {
        let meaning = metric.meaning();
        let sure = ["(counted)", "(computed)", "(assumed)", "(naive: it overstates)"];
        assert!(sure.iter().any(|sure| meaning.ends_with(sure)), "{metric}: {meaning}");
        assert!(!meaning.contains(['|', '\n', '.']), "{metric}: {meaning}");
    }
}

#[test]
fn there_is_at_least_one_metric_of_each_kind_of_dimensions() {
    for dimensions in [Dimensions::Registry, Dimensions::Deployment] {
        assert!(Metric::ALL.iter().any(|metric| metric.dimensions() == dimensions));
    }
    assert_eq!(metrics_of(usize::MAX), usize::MAX, "it does not overflow");
}
