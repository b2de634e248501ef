"""A mail box: what comes out of a topic, summaries of runs and alarms."""

import json


class MailBox:
    """A queue that a topic delivers to. It keeps what has come."""

    def __init__(self, cloud, topic, name):
        self.sqs = cloud.client("sqs")
        self.queue = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        asked = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])
        arn = asked["Attributes"]["QueueArn"]
        topic_delivers = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [topic_delivers]})
        self.sqs.set_queue_attributes(QueueUrl=self.queue, Attributes={"Policy": policy})
        cloud.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        self._kept = []

    def summaries(self, run):
        """Subject and text of all that has come about a run so far."""
        return [(subject, text) for subject, text in self._all() if run in text and not is_alarm(subject)]

    def notices(self, text):
        """Subject and text of all that has come so far with this in it, but for alarms."""
        return [(subject, said) for subject, said in self._all() if text in said and not is_alarm(subject)]

    def alarms(self):
        """The metrics, each with its namespace, of which an alarm has come so far."""
        triggers = [json.loads(text)["Trigger"] for subject, text in self._all() if is_alarm(subject)]
        return {(trigger["Namespace"], trigger["MetricName"]) for trigger in triggers}

    def _all(self):
        while messages := self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                body = json.loads(message["Body"])
                self._kept.append((body["Subject"], body["Message"]))
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return self._kept


def is_alarm(subject):
    """CloudWatch's own subjects begin with the state."""
    return subject.startswith(("ALARM:", "OK:", "INSUFFICIENT_DATA:"))
