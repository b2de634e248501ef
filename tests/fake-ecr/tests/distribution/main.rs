//! The distribution routes over HTTP: what the specification and ECR say, and skopeo.

#[cfg(test)]
mod client;
#[cfg(test)]
mod layout;
#[cfg(test)]
mod protocol;
#[cfg(test)]
mod skopeo;
