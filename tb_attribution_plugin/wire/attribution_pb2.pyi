from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_NONE: _ClassVar[ErrorKind]
    ERROR_GAP: _ClassVar[ErrorKind]
    ERROR_STANDARD_ERROR: _ClassVar[ErrorKind]
    ERROR_ONE_MINUS_R2: _ClassVar[ErrorKind]
    ERROR_ABSORBED: _ClassVar[ErrorKind]
    ERROR_MAP_DIFFERENCE: _ClassVar[ErrorKind]

class Modality(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MODALITY_UNKNOWN: _ClassVar[Modality]
    MODALITY_IMAGE: _ClassVar[Modality]
    MODALITY_TABULAR: _ClassVar[Modality]
    MODALITY_TEXT: _ClassVar[Modality]
    MODALITY_TIME_SERIES: _ClassVar[Modality]

class StatColumn(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STAT_UNKNOWN: _ClassVar[StatColumn]
    STAT_OUTPUT: _ClassVar[StatColumn]
    STAT_BASELINE_OUTPUT: _ClassVar[StatColumn]
    STAT_TARGET: _ClassVar[StatColumn]
    STAT_TARGET_PROBABILITY: _ClassVar[StatColumn]
    STAT_PREDICTION: _ClassVar[StatColumn]
    STAT_PREDICTION_PROBABILITY: _ClassVar[StatColumn]
    STAT_RESIDUAL: _ClassVar[StatColumn]
    STAT_SUM: _ClassVar[StatColumn]
    STAT_SUM_ABS: _ClassVar[StatColumn]
    STAT_P99: _ClassVar[StatColumn]
    STAT_PEAK: _ClassVar[StatColumn]
    STAT_NONFINITE: _ClassVar[StatColumn]
    STAT_DRIFT: _ClassVar[StatColumn]
    STAT_EVALUATIONS: _ClassVar[StatColumn]

class Code(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CODE_UNKNOWN: _ClassVar[Code]
    CODE_INT8_COMPANDED: _ClassVar[Code]
    CODE_FLOAT16: _ClassVar[Code]
    CODE_FLOAT32: _ClassVar[Code]

class Layer(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LAYER_SCORES: _ClassVar[Layer]
    LAYER_ERRORS: _ClassVar[Layer]
    LAYER_SEGMENTS: _ClassVar[Layer]
ERROR_NONE: ErrorKind
ERROR_GAP: ErrorKind
ERROR_STANDARD_ERROR: ErrorKind
ERROR_ONE_MINUS_R2: ErrorKind
ERROR_ABSORBED: ErrorKind
ERROR_MAP_DIFFERENCE: ErrorKind
MODALITY_UNKNOWN: Modality
MODALITY_IMAGE: Modality
MODALITY_TABULAR: Modality
MODALITY_TEXT: Modality
MODALITY_TIME_SERIES: Modality
STAT_UNKNOWN: StatColumn
STAT_OUTPUT: StatColumn
STAT_BASELINE_OUTPUT: StatColumn
STAT_TARGET: StatColumn
STAT_TARGET_PROBABILITY: StatColumn
STAT_PREDICTION: StatColumn
STAT_PREDICTION_PROBABILITY: StatColumn
STAT_RESIDUAL: StatColumn
STAT_SUM: StatColumn
STAT_SUM_ABS: StatColumn
STAT_P99: StatColumn
STAT_PEAK: StatColumn
STAT_NONFINITE: StatColumn
STAT_DRIFT: StatColumn
STAT_EVALUATIONS: StatColumn
CODE_UNKNOWN: Code
CODE_INT8_COMPANDED: Code
CODE_FLOAT16: Code
CODE_FLOAT32: Code
LAYER_SCORES: Layer
LAYER_ERRORS: Layer
LAYER_SEGMENTS: Layer

class TagMetadata(_message.Message):
    __slots__ = ("version", "maps", "stats", "histogram", "steps", "epochs", "probe")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    MAPS_FIELD_NUMBER: _ClassVar[int]
    STATS_FIELD_NUMBER: _ClassVar[int]
    HISTOGRAM_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    EPOCHS_FIELD_NUMBER: _ClassVar[int]
    PROBE_FIELD_NUMBER: _ClassVar[int]
    version: int
    maps: MapSeries
    stats: StatsSeries
    histogram: HistogramSeries
    steps: StepSeries
    epochs: EpochSeries
    probe: ProbeSeries
    def __init__(self, version: _Optional[int] = ..., maps: _Optional[_Union[MapSeries, _Mapping]] = ..., stats: _Optional[_Union[StatsSeries, _Mapping]] = ..., histogram: _Optional[_Union[HistogramSeries, _Mapping]] = ..., steps: _Optional[_Union[StepSeries, _Mapping]] = ..., epochs: _Optional[_Union[EpochSeries, _Mapping]] = ..., probe: _Optional[_Union[ProbeSeries, _Mapping]] = ...) -> None: ...

class Parameter(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class MapSeries(_message.Message):
    __slots__ = ("tag", "method", "parameters", "target", "scalar", "signed", "class_sensitive", "weight_sensitive", "error_kind", "additive", "cam", "probe_hash", "grids", "code", "examples", "channels_summed", "versions", "units", "shown", "per_place")
    TAG_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    SCALAR_FIELD_NUMBER: _ClassVar[int]
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    CLASS_SENSITIVE_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_SENSITIVE_FIELD_NUMBER: _ClassVar[int]
    ERROR_KIND_FIELD_NUMBER: _ClassVar[int]
    ADDITIVE_FIELD_NUMBER: _ClassVar[int]
    CAM_FIELD_NUMBER: _ClassVar[int]
    PROBE_HASH_FIELD_NUMBER: _ClassVar[int]
    GRIDS_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_SUMMED_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    SHOWN_FIELD_NUMBER: _ClassVar[int]
    PER_PLACE_FIELD_NUMBER: _ClassVar[int]
    tag: str
    method: str
    parameters: _containers.RepeatedCompositeFieldContainer[Parameter]
    target: str
    scalar: str
    signed: bool
    class_sensitive: bool
    weight_sensitive: bool
    error_kind: ErrorKind
    additive: bool
    cam: bool
    probe_hash: str
    grids: _containers.RepeatedCompositeFieldContainer[Grid]
    code: Code
    examples: int
    channels_summed: bool
    versions: _containers.RepeatedCompositeFieldContainer[Parameter]
    units: bool
    shown: int
    per_place: bool
    def __init__(self, tag: _Optional[str] = ..., method: _Optional[str] = ..., parameters: _Optional[_Iterable[_Union[Parameter, _Mapping]]] = ..., target: _Optional[str] = ..., scalar: _Optional[str] = ..., signed: bool = ..., class_sensitive: bool = ..., weight_sensitive: bool = ..., error_kind: _Optional[_Union[ErrorKind, str]] = ..., additive: bool = ..., cam: bool = ..., probe_hash: _Optional[str] = ..., grids: _Optional[_Iterable[_Union[Grid, _Mapping]]] = ..., code: _Optional[_Union[Code, str]] = ..., examples: _Optional[int] = ..., channels_summed: bool = ..., versions: _Optional[_Iterable[_Union[Parameter, _Mapping]]] = ..., units: bool = ..., shown: _Optional[int] = ..., per_place: bool = ...) -> None: ...

class Grid(_message.Message):
    __slots__ = ("input", "shape", "method_shape", "input_shape")
    INPUT_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    METHOD_SHAPE_FIELD_NUMBER: _ClassVar[int]
    INPUT_SHAPE_FIELD_NUMBER: _ClassVar[int]
    input: str
    shape: _containers.RepeatedScalarFieldContainer[int]
    method_shape: _containers.RepeatedScalarFieldContainer[int]
    input_shape: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, input: _Optional[str] = ..., shape: _Optional[_Iterable[int]] = ..., method_shape: _Optional[_Iterable[int]] = ..., input_shape: _Optional[_Iterable[int]] = ...) -> None: ...

class StatsSeries(_message.Message):
    __slots__ = ("tag", "columns")
    TAG_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    tag: str
    columns: _containers.RepeatedScalarFieldContainer[StatColumn]
    def __init__(self, tag: _Optional[str] = ..., columns: _Optional[_Iterable[_Union[StatColumn, str]]] = ...) -> None: ...

class HistogramSeries(_message.Message):
    __slots__ = ("tag", "low_exponent", "per_octave", "bins")
    TAG_FIELD_NUMBER: _ClassVar[int]
    LOW_EXPONENT_FIELD_NUMBER: _ClassVar[int]
    PER_OCTAVE_FIELD_NUMBER: _ClassVar[int]
    BINS_FIELD_NUMBER: _ClassVar[int]
    tag: str
    low_exponent: int
    per_octave: int
    bins: int
    def __init__(self, tag: _Optional[str] = ..., low_exponent: _Optional[int] = ..., per_octave: _Optional[int] = ..., bins: _Optional[int] = ...) -> None: ...

class StepSeries(_message.Message):
    __slots__ = ("tag",)
    TAG_FIELD_NUMBER: _ClassVar[int]
    tag: str
    def __init__(self, tag: _Optional[str] = ...) -> None: ...

class EpochSeries(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ProbeSeries(_message.Message):
    __slots__ = ("hash",)
    HASH_FIELD_NUMBER: _ClassVar[int]
    hash: str
    def __init__(self, hash: _Optional[str] = ...) -> None: ...

class Companding(_message.Message):
    __slots__ = ("knee", "peak", "knee_code")
    KNEE_FIELD_NUMBER: _ClassVar[int]
    PEAK_FIELD_NUMBER: _ClassVar[int]
    KNEE_CODE_FIELD_NUMBER: _ClassVar[int]
    knee: float
    peak: float
    knee_code: int
    def __init__(self, knee: _Optional[float] = ..., peak: _Optional[float] = ..., knee_code: _Optional[int] = ...) -> None: ...

class Part(_message.Message):
    __slots__ = ("layer", "input", "shape", "count", "code", "companding", "payload", "thumbnail")
    LAYER_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    COMPANDING_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    THUMBNAIL_FIELD_NUMBER: _ClassVar[int]
    layer: Layer
    input: int
    shape: _containers.RepeatedScalarFieldContainer[int]
    count: int
    code: Code
    companding: _containers.RepeatedCompositeFieldContainer[Companding]
    payload: bytes
    thumbnail: bool
    def __init__(self, layer: _Optional[_Union[Layer, str]] = ..., input: _Optional[int] = ..., shape: _Optional[_Iterable[int]] = ..., count: _Optional[int] = ..., code: _Optional[_Union[Code, str]] = ..., companding: _Optional[_Iterable[_Union[Companding, _Mapping]]] = ..., payload: _Optional[bytes] = ..., thumbnail: bool = ...) -> None: ...

class MapBlob(_message.Message):
    __slots__ = ("parts",)
    PARTS_FIELD_NUMBER: _ClassVar[int]
    parts: _containers.RepeatedCompositeFieldContainer[Part]
    def __init__(self, parts: _Optional[_Iterable[_Union[Part, _Mapping]]] = ...) -> None: ...

class ProbeBlob(_message.Message):
    __slots__ = ("hash", "modality", "examples", "names", "class_names", "feature_names", "labels", "tokens", "regions", "inputs", "inputs_stored", "display_low", "display_high", "segments", "baseline", "baseline_outputs", "shown", "modalities")
    HASH_FIELD_NUMBER: _ClassVar[int]
    MODALITY_FIELD_NUMBER: _ClassVar[int]
    EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    NAMES_FIELD_NUMBER: _ClassVar[int]
    CLASS_NAMES_FIELD_NUMBER: _ClassVar[int]
    FEATURE_NAMES_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    REGIONS_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    INPUTS_STORED_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_LOW_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_HIGH_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    BASELINE_FIELD_NUMBER: _ClassVar[int]
    BASELINE_OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    SHOWN_FIELD_NUMBER: _ClassVar[int]
    MODALITIES_FIELD_NUMBER: _ClassVar[int]
    hash: str
    modality: Modality
    examples: int
    names: _containers.RepeatedScalarFieldContainer[str]
    class_names: _containers.RepeatedScalarFieldContainer[str]
    feature_names: _containers.RepeatedScalarFieldContainer[str]
    labels: _containers.RepeatedScalarFieldContainer[float]
    tokens: _containers.RepeatedCompositeFieldContainer[TokenRow]
    regions: _containers.RepeatedCompositeFieldContainer[RegionMask]
    inputs: _containers.RepeatedCompositeFieldContainer[Grid]
    inputs_stored: bool
    display_low: float
    display_high: float
    segments: _containers.RepeatedCompositeFieldContainer[SegmentMap]
    baseline: str
    baseline_outputs: _containers.RepeatedScalarFieldContainer[float]
    shown: int
    modalities: _containers.RepeatedScalarFieldContainer[Modality]
    def __init__(self, hash: _Optional[str] = ..., modality: _Optional[_Union[Modality, str]] = ..., examples: _Optional[int] = ..., names: _Optional[_Iterable[str]] = ..., class_names: _Optional[_Iterable[str]] = ..., feature_names: _Optional[_Iterable[str]] = ..., labels: _Optional[_Iterable[float]] = ..., tokens: _Optional[_Iterable[_Union[TokenRow, _Mapping]]] = ..., regions: _Optional[_Iterable[_Union[RegionMask, _Mapping]]] = ..., inputs: _Optional[_Iterable[_Union[Grid, _Mapping]]] = ..., inputs_stored: bool = ..., display_low: _Optional[float] = ..., display_high: _Optional[float] = ..., segments: _Optional[_Iterable[_Union[SegmentMap, _Mapping]]] = ..., baseline: _Optional[str] = ..., baseline_outputs: _Optional[_Iterable[float]] = ..., shown: _Optional[int] = ..., modalities: _Optional[_Iterable[_Union[Modality, str]]] = ...) -> None: ...

class TokenRow(_message.Message):
    __slots__ = ("tokens",)
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    tokens: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, tokens: _Optional[_Iterable[str]] = ...) -> None: ...

class RegionMask(_message.Message):
    __slots__ = ("name", "shape", "payload")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    name: str
    shape: _containers.RepeatedScalarFieldContainer[int]
    payload: bytes
    def __init__(self, name: _Optional[str] = ..., shape: _Optional[_Iterable[int]] = ..., payload: _Optional[bytes] = ...) -> None: ...

class SegmentMap(_message.Message):
    __slots__ = ("shape", "payload")
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    shape: _containers.RepeatedScalarFieldContainer[int]
    payload: bytes
    def __init__(self, shape: _Optional[_Iterable[int]] = ..., payload: _Optional[bytes] = ...) -> None: ...

class Index(_message.Message):
    __slots__ = ("runs", "logdir", "plugin_version", "problems", "samples_per_plugin", "other_runs", "samples_per_scalar", "logdir_missing")
    RUNS_FIELD_NUMBER: _ClassVar[int]
    LOGDIR_FIELD_NUMBER: _ClassVar[int]
    PLUGIN_VERSION_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_PER_PLUGIN_FIELD_NUMBER: _ClassVar[int]
    OTHER_RUNS_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_PER_SCALAR_FIELD_NUMBER: _ClassVar[int]
    LOGDIR_MISSING_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[Run]
    logdir: str
    plugin_version: str
    problems: _containers.RepeatedCompositeFieldContainer[Problem]
    samples_per_plugin: int
    other_runs: _containers.RepeatedScalarFieldContainer[str]
    samples_per_scalar: int
    logdir_missing: bool
    def __init__(self, runs: _Optional[_Iterable[_Union[Run, _Mapping]]] = ..., logdir: _Optional[str] = ..., plugin_version: _Optional[str] = ..., problems: _Optional[_Iterable[_Union[Problem, _Mapping]]] = ..., samples_per_plugin: _Optional[int] = ..., other_runs: _Optional[_Iterable[str]] = ..., samples_per_scalar: _Optional[int] = ..., logdir_missing: bool = ...) -> None: ...

class Run(_message.Message):
    __slots__ = ("run", "group", "name", "series", "probe_hashes", "scalars", "epoch_steps", "epochs")
    RUN_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SERIES_FIELD_NUMBER: _ClassVar[int]
    PROBE_HASHES_FIELD_NUMBER: _ClassVar[int]
    SCALARS_FIELD_NUMBER: _ClassVar[int]
    EPOCH_STEPS_FIELD_NUMBER: _ClassVar[int]
    EPOCHS_FIELD_NUMBER: _ClassVar[int]
    run: str
    group: str
    name: str
    series: _containers.RepeatedCompositeFieldContainer[Series]
    probe_hashes: _containers.RepeatedScalarFieldContainer[str]
    scalars: _containers.RepeatedScalarFieldContainer[str]
    epoch_steps: _containers.RepeatedScalarFieldContainer[float]
    epochs: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, run: _Optional[str] = ..., group: _Optional[str] = ..., name: _Optional[str] = ..., series: _Optional[_Iterable[_Union[Series, _Mapping]]] = ..., probe_hashes: _Optional[_Iterable[str]] = ..., scalars: _Optional[_Iterable[str]] = ..., epoch_steps: _Optional[_Iterable[float]] = ..., epochs: _Optional[_Iterable[float]] = ...) -> None: ...

class Series(_message.Message):
    __slots__ = ("maps", "steps", "wall_times", "seconds")
    MAPS_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    WALL_TIMES_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    maps: MapSeries
    steps: _containers.RepeatedScalarFieldContainer[float]
    wall_times: _containers.RepeatedScalarFieldContainer[float]
    seconds: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, maps: _Optional[_Union[MapSeries, _Mapping]] = ..., steps: _Optional[_Iterable[float]] = ..., wall_times: _Optional[_Iterable[float]] = ..., seconds: _Optional[_Iterable[float]] = ...) -> None: ...

class Problem(_message.Message):
    __slots__ = ("run", "tag", "message")
    RUN_FIELD_NUMBER: _ClassVar[int]
    TAG_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    run: str
    tag: str
    message: str
    def __init__(self, run: _Optional[str] = ..., tag: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class StatsList(_message.Message):
    __slots__ = ("series",)
    SERIES_FIELD_NUMBER: _ClassVar[int]
    series: _containers.RepeatedCompositeFieldContainer[Stats]
    def __init__(self, series: _Optional[_Iterable[_Union[Stats, _Mapping]]] = ...) -> None: ...

class Stats(_message.Message):
    __slots__ = ("steps", "columns", "examples", "values", "layout", "histogram", "problems", "error", "first_bin")
    STEPS_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    LAYOUT_FIELD_NUMBER: _ClassVar[int]
    HISTOGRAM_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    FIRST_BIN_FIELD_NUMBER: _ClassVar[int]
    steps: _containers.RepeatedScalarFieldContainer[float]
    columns: _containers.RepeatedScalarFieldContainer[StatColumn]
    examples: int
    values: bytes
    layout: HistogramSeries
    histogram: bytes
    problems: _containers.RepeatedCompositeFieldContainer[Problem]
    error: str
    first_bin: int
    def __init__(self, steps: _Optional[_Iterable[float]] = ..., columns: _Optional[_Iterable[_Union[StatColumn, str]]] = ..., examples: _Optional[int] = ..., values: _Optional[bytes] = ..., layout: _Optional[_Union[HistogramSeries, _Mapping]] = ..., histogram: _Optional[bytes] = ..., problems: _Optional[_Iterable[_Union[Problem, _Mapping]]] = ..., error: _Optional[str] = ..., first_bin: _Optional[int] = ...) -> None: ...

class PooledHistogramList(_message.Message):
    __slots__ = ("series",)
    SERIES_FIELD_NUMBER: _ClassVar[int]
    series: _containers.RepeatedCompositeFieldContainer[PooledHistogram]
    def __init__(self, series: _Optional[_Iterable[_Union[PooledHistogram, _Mapping]]] = ...) -> None: ...

class PooledHistogram(_message.Message):
    __slots__ = ("layout", "counts", "error")
    LAYOUT_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    layout: HistogramSeries
    counts: _containers.RepeatedScalarFieldContainer[float]
    error: str
    def __init__(self, layout: _Optional[_Union[HistogramSeries, _Mapping]] = ..., counts: _Optional[_Iterable[float]] = ..., error: _Optional[str] = ...) -> None: ...

class Maps(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[MapItem]
    def __init__(self, items: _Optional[_Iterable[_Union[MapItem, _Mapping]]] = ...) -> None: ...

class MapItem(_message.Message):
    __slots__ = ("step", "element", "blob", "error", "series")
    STEP_FIELD_NUMBER: _ClassVar[int]
    ELEMENT_FIELD_NUMBER: _ClassVar[int]
    BLOB_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    SERIES_FIELD_NUMBER: _ClassVar[int]
    step: float
    element: int
    blob: bytes
    error: str
    series: int
    def __init__(self, step: _Optional[float] = ..., element: _Optional[int] = ..., blob: _Optional[bytes] = ..., error: _Optional[str] = ..., series: _Optional[int] = ...) -> None: ...

class ScalarsList(_message.Message):
    __slots__ = ("series",)
    SERIES_FIELD_NUMBER: _ClassVar[int]
    series: _containers.RepeatedCompositeFieldContainer[Scalars]
    def __init__(self, series: _Optional[_Iterable[_Union[Scalars, _Mapping]]] = ...) -> None: ...

class Scalars(_message.Message):
    __slots__ = ("steps", "wall_times", "values", "error")
    STEPS_FIELD_NUMBER: _ClassVar[int]
    WALL_TIMES_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    steps: _containers.RepeatedScalarFieldContainer[float]
    wall_times: _containers.RepeatedScalarFieldContainer[float]
    values: _containers.RepeatedScalarFieldContainer[float]
    error: str
    def __init__(self, steps: _Optional[_Iterable[float]] = ..., wall_times: _Optional[_Iterable[float]] = ..., values: _Optional[_Iterable[float]] = ..., error: _Optional[str] = ...) -> None: ...
