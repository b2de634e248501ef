//! What every function of the service does around its own work: settings, logs, time, failures.
