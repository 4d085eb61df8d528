"""Types of operations by what they do with their inputs: what the tables of rules are made of."""

from __future__ import annotations

# Hands every value on, somewhere else.
MOVES = frozenset("""
    BatchToSpace BatchToSpaceND BroadcastTo CheckNumerics CheckNumericsV2 Concat ConcatV2 DepthToSpace EnsureShape
    ExpandDims ExtractImagePatches Gather GatherNd GatherV2 Identity IdentityN MatrixBandPart MatrixDiag MatrixDiagPart
    MatrixDiagPartV2 MatrixDiagPartV3 MatrixDiagV2 MatrixDiagV3 MirrorPad Pack Pad PadV2 PreventGradient Reshape Reverse
    ReverseSequence ReverseV2 Roll ScatterNd Slice Snapshot SpaceToBatch SpaceToBatchND SpaceToDepth Split SplitV Squeeze
    StopGradient StridedSlice TensorScatterUpdate Tile Transpose Unpack
""".split())  # fmt: skip

# Sums of values with fixed weights: linear in all inputs together.
SUMS = frozenset("""
    Add AddN AddV2 AvgPool AvgPool3D BiasAdd CropAndResize Cumsum Mean Neg ResizeArea ResizeBicubic ResizeBilinear
    ResizeNearestNeighbor ScaleAndTranslate SegmentMean SegmentSum Sub Sum TensorScatterAdd TensorScatterSub
    UnsortedSegmentSum
""".split())  # fmt: skip

# Linear in each input while the others are fixed.
PRODUCTS = frozenset("""
    BatchMatMul BatchMatMulV2 BatchMatMulV3 Conv Conv2D Conv2DBackpropInput Conv3D Conv3DBackpropInputV2
    DepthwiseConv2dNative DepthwiseConv2dNativeBackpropInput Einsum MatMul Mul MulNoNan
""".split())  # fmt: skip

QUOTIENTS = frozenset({"Div", "DivNoNan", "RealDiv"})

# Functions of one number, by how they bend: at corners only; on the scale of 1; on the scale of the number itself.
CORNERED = frozenset("Abs Ceil Floor LeakyRelu Relu Relu6 Rint Round Sign".split())
BENT = frozenset("""
    Asinh Atan Cos Cosh Elu Erf Erfc Exp Expm1 Selu Sigmoid Sin Sinh Softplus Softsign Tanh
""".split())  # fmt: skip
SCALED = frozenset("Inv Log Log1p Reciprocal Rsqrt Sqrt".split())

COMPARISONS = frozenset("Equal Greater GreaterEqual Less LessEqual NotEqual".split())
EXTREMES = frozenset("Max MaxPool MaxPool3D MaxPoolV2 Min".split())
