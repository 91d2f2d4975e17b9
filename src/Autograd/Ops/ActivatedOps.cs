using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>A layer that ends in an activation f, whose derivative is computed from the layer's output.</summary>
internal abstract class ActivatedLayerOp<F>(Var x, Var w, Var bias, F f) : ActivatedLayerOp(x, w, bias)
    where F : struct, IActivation
{
    public override Var ActivationBackward(Var y, Var dy) => MapOps.MapGradient(f, y, y, dy, ofOutput: true);

    public override Var MatMulActivationBackward(Var y, Var dy, Var w, bool transposeW) =>
        MatMulGradients.Sloped(f, y, dy, w, transposeW);

    public override Var ConvolutionActivationBackward(Var y, Var dy, Var w, Window window, bool transposed) =>
        ConvolutionOps.Sloped(f, y, dy, w, window, transposed);

    public override Var BatchNormActivationBackward(Var y, Tensor gamma, Tensor mean, Tensor rstd, Var dy, Tensor dGamma, Tensor dBeta)
    {
        var dz = y.Tape.Rent(y.Shape);
        Kernels.BatchNorm.Backward(y.Value, gamma, mean, rstd, dy.Value, f, dz, dGamma, dBeta);
        return y.Tape.Record(dz, null);
    }
}

/// <summary>
/// f'(y) times a product, for an f whose second derivative is 0. It ends as an activation's backward pass, and so does its own: both
/// multiply by f'(y).
/// </summary>
internal abstract class SlopedOp<F>(F f, Var y, Var a, Var b) : ActivatedOp(a, b, null)
    where F : struct, IActivation
{
    public override Var ActivationBackward(Var dz, Var ddz) => MapOps.MapGradient(f, y, y, ddz, ofOutput: true);

    public override Var MatMulActivationBackward(Var dz, Var next, Var w, bool transposeW) =>
        MatMulGradients.Sloped(f, y, next, w, transposeW);

    public override Var ConvolutionActivationBackward(Var dz, Var next, Var w, Window window, bool transposed) =>
        ConvolutionOps.Sloped(f, y, next, w, window, transposed);
}
