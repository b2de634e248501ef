//! A row of a bill, before it is written in one format or another.

/// A row, with the words of CUR.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) product: &'static str,
    pub(crate) line_type: &'static str,
    pub(crate) usage_type: &'static str,
    pub(crate) start: String,
    pub(crate) end: String,
    pub(crate) resource: Option<String>,
    pub(crate) region: &'static str,
    pub(crate) amount: String,
    pub(crate) unit: &'static str,
    pub(crate) cost: String,
    pub(crate) list_cost: Option<String>,
    pub(crate) rate_code: &'static str,
    pub(crate) currency: &'static str,
}

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const STORAGE_RATE: &str = "4NWTEXUZBWQH8MDW.JRTCKXETXF.6YS6EN2CT7";

/// Storage of a repository in eu-west-1 for one hour of 2024-09-26.
pub(crate) fn storage(name: &str, amount: &str, cost: &str) -> Row {
    Row {
        product: "AmazonECR",
        line_type: "Usage",
        usage_type: "EU-TimedStorage-ByteHrs",
        start: "2024-09-26T01:00:00Z".to_owned(),
        end: "2024-09-26T02:00:00Z".to_owned(),
        resource: Some(format!("arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/{name}")),
        region: "eu-west-1",
        amount: amount.to_owned(),
        unit: "GB-Mo",
        cost: cost.to_owned(),
        list_cost: Some(cost.to_owned()),
        rate_code: STORAGE_RATE,
        currency: "USD",
    }
}

impl Row {
    /// The same for a whole month.
    pub(crate) fn in_month(mut self, from: &str, until: &str) -> Self {
        self.start = format!("{from}T00:00:00Z");
        self.end = format!("{until}T00:00:00Z");
        self
    }

    /// Something else that was used.
    pub(crate) fn of(mut self, usage_type: &'static str, unit: &'static str) -> Self {
        self.usage_type = usage_type;
        self.unit = unit;
        self
    }

    /// Another type of line, without an amount.
    pub(crate) fn money(mut self, line_type: &'static str) -> Self {
        self.line_type = line_type;
        self.amount = "0".to_owned();
        self
    }
}

/// Lines of every kind: what the formats are tried on.
pub(crate) fn one_of_each() -> Vec<Row> {
    let instance = Some(format!("arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-0123456789abcdef0"));
    let other = Row { product: "AmazonEC2", resource: instance, ..storage("", "5", "9") };
    vec![
        storage("team/app", "0.0005297618", "0.0000529762"),
        storage("team/app", "0.0005297618", "0.0000529762"),
        other.of("EU-BoxUsage:t3.micro", "Hrs"),
        Row { rate_code: "A.B.C", ..storage("team/app", "2.5", "0.25") }
            .of("EU-TimedStorage-Archive-ByteHrs", "GB-Mo"),
        Row { resource: None, rate_code: "X.Y.1", region: "ap-northeast-2", ..storage("", "3", "0.24") }
            .of("APN2-APN1-AWS-Out-Bytes", "GB"),
        Row { resource: None, rate_code: "X.Y.2", ..storage("", "1", "0.09") }
            .of("DataTransfer-Out-Bytes", "GB"),
        storage("team/app", "", "-0.05").money("Credit"),
        Row { resource: None, ..storage("", "", "0.01").money("Tax") },
        Row { product: "AmazonECRPublic", region: "us-east-1", ..storage("", "60", "1") }
            .of("USE1-TimedStorage-ByteHrs", "GB-Mo"),
    ]
}
