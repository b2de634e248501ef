//! A server that behaves as Amazon ECR does.
