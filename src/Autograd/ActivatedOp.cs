using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>
/// An op that ends in an activation. Its <see cref="Op.Backward"/> gets the gradient before the activation: the kernel that makes a share
/// of the gradient can often apply the activation's slope as it stores, which saves a pass over memory.
/// </summary>
internal abstract class ActivatedOp(Var a, Var? b, Var? c) : Op(a, b, c)
{
    /// <summary>dz = f'(y) · dy</summary>
    public abstract Var ActivationBackward(Var y, Var dy);

    /// <summary>dz = f'(y) · (dy·w), where w may be transposed: in one kernel where that can be.</summary>
    public abstract Var MatMulActivationBackward(Var y, Var dy, Var w, bool transposeW);

    /// <summary>dz = f'(y) · (dy convolved with w): in one kernel where that can be.</summary>
    public abstract Var ConvolutionActivationBackward(Var y, Var dy, Var w, Window window, bool transposed);
}

/// <summary>A layer that ends in an activation, whose output batch normalisation may get.</summary>
internal abstract class ActivatedLayerOp(Var a, Var? b, Var? c) : ActivatedOp(a, b, c)
{
    /// <summary>
    /// dz = f'(y) · dx, where dx is batch normalisation's gradient with respect to its input y, in one kernel; not recorded.
    /// </summary>
    public abstract Var BatchNormActivationBackward(Var y, Tensor gamma, Tensor mean, Tensor rstd, Var dy, Tensor dGamma, Tensor dBeta);
}
