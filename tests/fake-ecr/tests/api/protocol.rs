//! The wire: targets, identities, headers, pages.

use serde_json::json;

use crate::client::{Client, request};

#[test]
fn a_call_without_credentials_is_refused() {
    let client = Client::new();
    let headers = [("X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories")];
    let answer = request(client.server.address(), "POST", "/", &headers, b"{}").unwrap();
    assert_eq!(
        (answer.status, answer.json()["__type"].as_str()),
        (400, Some("MissingAuthenticationTokenException"))
    );
}

#[test]
fn unknown_operations_are_refused_by_name() {
    let client = Client::new();
    assert_eq!(client.refused("DescribeNothing", json!({})), "UnknownOperationException");
    let public = client.target("SpencerFrontendService.PutLifecyclePolicy", &json!({})).unwrap();
    assert_eq!(public.json()["__type"], "UnsupportedCommandException");
}

#[test]
fn answers_have_the_time_of_the_servers_clock_and_a_request_id() {
    let client = Client::with_app();
    let answer = client.call("DescribeRepositories", &json!({})).unwrap();
    assert!(answer.head.contains("date: mon, 23 nov 2026 10:00:00 gmt"), "{}", answer.head);
    assert!(answer.head.contains("x-amzn-requestid: "), "{}", answer.head);
    assert!(answer.head.contains("content-type: application/x-amz-json-1.1"), "{}", answer.head);
    assert_eq!(answer.json()["repositories"][0]["createdAt"], json!(1_795_428_000.0));
}

#[test]
fn page_tokens_are_opaque_bound_and_checked() {
    let client = Client::new();
    for number in 0..5 {
        client.ok("CreateRepository", json!({ "repositoryName": format!("app-{number}") }));
    }
    let first = client.ok("DescribeRepositories", json!({ "maxResults": 2 }));
    let token = first["nextToken"].as_str().unwrap().to_owned();
    assert!(!token.contains("app"), "{token}");
    let mut seen = first["repositories"].as_array().unwrap().len();
    let mut next = Some(token.clone());
    while let Some(token) = next {
        let page = client.ok("DescribeRepositories", json!({ "maxResults": 2, "nextToken": token }));
        seen += page["repositories"].as_array().unwrap().len();
        next = page["nextToken"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, 5);
    let foreign = json!({ "repositoryName": "app-1", "nextToken": token });
    assert_eq!(client.refused("DescribeImages", foreign), "InvalidParameterException");
    for bad in ["", "x", &format!("{token}A"), &token.replace('a', "b")] {
        let refused = client.refused("DescribeRepositories", json!({ "nextToken": bad }));
        assert_eq!(refused, "InvalidParameterException", "{bad}");
    }
    for size in [0, 1001] {
        let refused = client.refused("DescribeRepositories", json!({ "maxResults": size }));
        assert_eq!(refused, "InvalidParameterException");
    }
}

#[test]
fn sts_says_who_has_a_key_and_issues_keys_of_roles_without_their_path() {
    let mut client = Client::new();
    let sts = |client: &Client, form: &str| {
        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={}/20261123/eu-west-1/sts/aws4_request", client.key);
        let headers = [("Authorization", authorization.as_str())];
        request(client.server.address(), "POST", "/", &headers, form.as_bytes()).unwrap().text()
    };
    let who = sts(&client, "Action=GetCallerIdentity&Version=2011-06-15");
    assert!(who.contains("<Arn>arn:aws:iam::123456789012:user/AKIATEST</Arn>"), "{who}");
    client.key = "210987654321".into();
    let who = sts(&client, "Action=GetCallerIdentity&Version=2011-06-15");
    assert!(who.contains("<Arn>arn:aws:iam::210987654321:root</Arn>"), "{who}");
    let role = "arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fops%2Fscan%2Fdemurrage";
    let issued = sts(&client, &format!("Action=AssumeRole&RoleArn={role}&RoleSessionName=run-1"));
    let (_, rest) = issued.split_once("<AccessKeyId>").unwrap();
    client.key = rest.split_once('<').unwrap().0.to_owned();
    let who = sts(&client, "Action=GetCallerIdentity&Version=2011-06-15");
    assert!(who.contains("<Arn>arn:aws:sts::111122223333:assumed-role/demurrage/run-1</Arn>"), "{who}");
    assert!(who.contains("<Account>111122223333</Account>"), "{who}");
}
