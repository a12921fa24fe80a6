"""A real S3 server on this machine: `python s3_server.py BUCKET...`. Prints where it is and who may use it as one line
of JSON, then serves until its stdin is closed."""

import json
import os
import sys
import logging

os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "false"

import boto3
import requests
from moto.server import ThreadedMotoServer

SCOPE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}

logging.getLogger("werkzeug").disabled = True
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
endpoint = f"http://{host}:{port}"


def client(kind: str, key: str = "root-of-tests", secret: str = "root-of-tests"):
    names = {"aws_access_key_id": key, "aws_secret_access_key": secret, "region_name": "us-east-1"}
    return boto3.client(kind, endpoint_url=endpoint, **names)


iam = client("iam")
iam.create_user(UserName="tester")
iam.put_user_policy(UserName="tester", PolicyName="s3", PolicyDocument=json.dumps(SCOPE))
made = iam.create_access_key(UserName="tester")["AccessKey"]
for bucket in sys.argv[1:]:
    client("s3").create_bucket(Bucket=bucket)
# From here on it asks who comes.
requests.post(f"{endpoint}/moto-api/reset-auth", data="0", timeout=10)
print(json.dumps({"endpoint": endpoint, "key": made["AccessKeyId"], "secret": made["SecretAccessKey"]}), flush=True)
sys.stdin.read()
os._exit(0)
