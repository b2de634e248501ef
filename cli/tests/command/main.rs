//! The command as its users run it: the built program, in a folder of its own, by its exit codes and output.

#[cfg(test)]
mod apply;
#[cfg(test)]
mod approve;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod audit_fix;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod beginning;
#[cfg(test)]
mod bucket;
#[cfg(test)]
mod check_push;
#[cfg(test)]
mod config;
#[cfg(test)]
mod cost;
mod cost_bills;
#[cfg(test)]
mod cost_doubts;
#[cfg(test)]
mod cost_elsewhere;
#[cfg(test)]
mod cost_prices;
#[cfg(test)]
mod cost_pulls;
#[cfg(test)]
mod cost_sweep;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod gone;
#[cfg(test)]
mod help;
#[cfg(test)]
mod history;
#[cfg(test)]
mod hold;
#[cfg(test)]
mod import;
#[cfg(test)]
mod in_use;
#[cfg(test)]
mod judging;
#[cfg(test)]
mod live;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod operating;
#[cfg(test)]
mod partial;
#[cfg(test)]
mod plan;
#[cfg(test)]
mod policy_put;
#[cfg(test)]
mod preview;
#[cfg(test)]
mod reconcile;
#[cfg(test)]
mod registering;
#[cfg(test)]
mod report;
#[cfg(test)]
mod restore;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod server;
#[cfg(test)]
mod status;
#[cfg(test)]
mod stop;
#[cfg(test)]
mod support;
#[cfg(test)]
mod use_;
#[cfg(test)]
mod verifying;
