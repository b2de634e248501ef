//! The AWS edge: the only crate that knows the AWS SDKs.
