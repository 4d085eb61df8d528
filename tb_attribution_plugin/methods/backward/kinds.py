"""Types of operations by what they do with their inputs: what the tables of rules are made of."""

from __future__ import annotations


def _types(names: str) -> frozenset[str]:
    return frozenset(names.split())


# Hands every value on as it is: some have no gradient, or one that somebody replaced.
COPIES = _types("CheckNumerics CheckNumericsV2 Identity IdentityN PreventGradient Snapshot StopGradient")
# Hands every value on, somewhere else.
MOVES = _types("""
    BatchToSpace BatchToSpaceND BroadcastTo Concat ConcatV2 DepthToSpace EnsureShape
    ExpandDims ExtractImagePatches Gather GatherNd GatherV2 MatrixBandPart MatrixDiag
    MatrixDiagPart MatrixDiagPartV2 MatrixDiagPartV3 MatrixDiagV2 MatrixDiagV3 MirrorPad Pack Pad PadV2 Reshape
    Reverse ReverseSequence ReverseV2 Roll ScatterNd Slice SpaceToBatch SpaceToBatchND SpaceToDepth Split SplitV
    Squeeze StridedSlice TensorScatterUpdate Tile Transpose Unpack
""")

# Sums of values with fixed weights: linear in all inputs together.
SUMS = _types("""
    Add AddN AddV2 AvgPool AvgPool3D BiasAdd Cumsum Mean Neg ResizeBicubic ResizeBilinear
    ResizeNearestNeighbor ScaleAndTranslate SegmentMean SegmentSum Sub Sum TensorScatterAdd TensorScatterSub
    UnsortedSegmentSum
""")

# Linear in each input while the others are fixed.
PRODUCTS = _types("""
    BatchMatMul BatchMatMulV2 BatchMatMulV3 Conv2D Conv2DBackpropInput Conv3D Conv3DBackpropInputV2
    DepthwiseConv2dNative DepthwiseConv2dNativeBackpropInput Einsum MatMul Mul MulNoNan
""")

QUOTIENTS = frozenset({"Div", "DivNoNan", "RealDiv"})

# Functions of one number, by how they bend: at corners only; on the scale of 1; on the scale of the number itself.
CORNERED = _types("Abs Ceil Floor LeakyRelu Relu Relu6 Rint Round Sign")
BENT = _types("""
    Asinh Atan Cos Cosh Elu Erf Erfc Exp Expm1 Selu Sigmoid Sin Sinh Softplus Softsign Tanh
""")
SCALED = _types("Inv Log Log1p Reciprocal Rsqrt Sqrt")

COMPARISONS = _types("Equal Greater GreaterEqual Less LessEqual NotEqual")
# What only chooses: conditions are truths, 0 or 1.
TESTS = _types("IsFinite IsInf IsNan")
LOGIC = _types("LogicalAnd LogicalOr")
# The input that says which of the others are taken, by its place.
INDEXED = {"Gather": 1, "GatherNd": 1, "GatherV2": 1, "OneHot": 0}

EXTREMES = _types("Max MaxPool MaxPool3D MaxPoolV2 Min")
