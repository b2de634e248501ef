//! All clusters, each with its tasks, services and daemons.

use aws_sdk_ecs::Client;
use futures::StreamExt;

use super::{EcsRead, PAGE_ENTRIES, daemons, services, tasks};
use crate::workloads::client::ServiceClient;
use crate::workloads::pages;

/// Clusters that are read at a time.
const AT_ONCE: usize = 4;

/// What all clusters run, and name.
pub(super) async fn read(ecs: &ServiceClient<Client>) -> EcsRead {
    let page = async |token: Option<String>| {
        let send = |client: Client| {
            client.list_clusters().max_results(PAGE_ENTRIES).set_next_token(token.clone()).send()
        };
        let page = ecs.call("ecs:ListClusters", send).await?;
        Ok((page.cluster_arns, page.next_token))
    };
    let listed = pages::read("ecs:ListClusters", page).await;
    let mut read = EcsRead::new();
    read.found.gap_of("clusters", listed.failure.as_ref());
    let of_clusters =
        futures::stream::iter(&listed.entries).map(|cluster| of_cluster(ecs, cluster)).buffered(AT_ONCE);
    for of_cluster in of_clusters.collect::<Vec<EcsRead>>().await {
        read.add(of_cluster);
    }
    read
}

async fn of_cluster(ecs: &ServiceClient<Client>, cluster: &str) -> EcsRead {
    let (mut read, of_services, of_daemons) =
        tokio::join!(tasks::read(ecs, cluster), services::read(ecs, cluster), daemons::read(ecs, cluster));
    read.add(of_services);
    read.add(of_daemons);
    read
}
