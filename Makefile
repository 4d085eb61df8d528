.PHONY: proto
proto:
	python3 -m venv .venv-proto && .venv-proto/bin/pip install -q grpcio-tools==1.62.3 'setuptools<81'
	.venv-proto/bin/python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. tb_attribution_plugin/wire/attribution.proto
