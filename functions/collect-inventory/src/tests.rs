//! The handler against a server that behaves as ECR does, and a store in a folder.
