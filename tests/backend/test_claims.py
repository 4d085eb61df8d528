from __future__ import annotations

from types import SimpleNamespace

import pytest
from tensorboard.data import grpc_provider
from tensorboard.data.proto import data_provider_pb2

from tb_attribution_plugin.backend import claims
from tb_attribution_plugin.backend.errors import UnreadableError
from tb_attribution_plugin.backend.provider import Data
from tests.backend.events import claim, floats, strings


@pytest.mark.parametrize("tensor", [floats([1.0, 2.0], 2), floats([1.0]), floats([], 0), strings([b"a", b""])])
def test_a_tensor_that_holds_what_it_claims_is_taken(tensor) -> None:
    claims.check("run", "tag", 0, tensor)


def test_a_tensor_that_claims_more_values_than_it_has_bytes_is_refused_with_its_step() -> None:
    with pytest.raises(UnreadableError, match=r"'stats/ig' of run 'a' claims 1099511627776 values in \d+ bytes at st"):
        claims.check("a", "stats/ig", 7, claim(1.0, 1 << 20, 1 << 20))


def test_what_the_python_loader_holds_is_checked_before_the_provider_is_asked() -> None:
    events = [SimpleNamespace(step=step, tensor_proto=claim(1.0, size)) for step, size in ((0, 1), (4, 1 << 40))]
    multiplexer = SimpleNamespace(Tensors=lambda run, tag: events)
    with pytest.raises(UnreadableError, match="at step 4"):
        Data(None, None, "", multiplexer).read_tensors("run", "stats/ig")


def test_what_the_data_server_sends_is_checked_before_it_becomes_arrays() -> None:
    data = data_provider_pb2.TensorData(step=[0, 4], wall_time=[0, 0], value=[claim(1.0, 1), claim(1.0, 1 << 40)])
    tags = [data_provider_pb2.ReadTensorsResponse.TagEntry(tag_name="stats/ig", data=data)]
    runs = [data_provider_pb2.ReadTensorsResponse.RunEntry(run_name="run", tags=tags)]
    answer = data_provider_pb2.ReadTensorsResponse(runs=runs)
    stub = SimpleNamespace(ReadTensors=lambda request: answer)
    with pytest.raises(UnreadableError, match=r"'stats/ig' of run 'run' claims 1099511627776 values .* at step 4"):
        Data(grpc_provider.GrpcDataProvider("", stub), None, "").read_tensors("run", "stats/ig")
    del answer.runs[0].tags[0].data.value[1], answer.runs[0].tags[0].data.step[1]
    (datum,) = Data(grpc_provider.GrpcDataProvider("", stub), None, "").read_tensors("run", "stats/ig")
    assert datum.numpy.tolist() == [1.0]
