"""A local stand-in for S3, on loopback, with one bucket; and a lakeFS that answers for commits."""

import io
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
from botocore.config import Config
from moto.server import ThreadedMotoServer

BUCKET = "calls-bucket"


class ObjectStore:
    """A server of the S3 protocol."""

    def __init__(self):
        """Start it on a free port."""
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.server.start()
        host, port = self.server.get_host_and_port()
        self.endpoint = f"http://{host}:{port}"
        self.client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="reader",
            aws_secret_access_key="s3cret",
            config=Config(retries={"max_attempts": 1}),
        )
        self.make(BUCKET)

    @property
    def variables(self):
        """The environment that leads to it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "reader",
            "AWS_SECRET_ACCESS_KEY": "s3cret",
        }

    def make(self, bucket):
        """Make a bucket."""
        self.client.create_bucket(Bucket=bucket)

    def put(self, key, frame, *, bucket=BUCKET):
        """Put a table under a key, in the format of its ending."""
        held = io.BytesIO()
        {
            "parquet": frame.write_parquet,
            "csv": frame.write_csv,
            "jsonl": frame.write_ndjson,
            "arrow": frame.write_ipc,
        }[key.rpartition(".")[2]](held)
        self.client.put_object(Bucket=bucket, Key=key, Body=held.getvalue())

    def stop(self):
        """Stop it."""
        self.client.close()
        self.server.stop()


class Lakefs:
    """The one question that lakeFS is asked: which commit a reference means."""

    def __init__(self, commits):
        """Answer for these references."""
        asked = self.asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append((self.path, self.headers["Authorization"]))
                reference = self.path.split("/")[-2]
                results = [{"id": commits[reference]}] if reference in commits else []
                body = json.dumps({"results": results}).encode()
                self.send_response(404 if reference == "gone" else 200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *words):
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        self.endpoint = f"http://127.0.0.1:{self.server.server_address[1]}"

    def stop(self):
        """Stop it."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
