using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

// x[N,H,W,C] w[rows,columns,C,O] bias[O] y[N,H',W',O]: N pictures; transposed, x and y change places

/// <summary>Convolutions of pictures, and transposed ones.</summary>
public static class ConvolutionOps
{
    /// <summary>y = f(x convolved with w + bias). The input of f is not kept: its derivative is computed from y.</summary>
    /// <param name="x">[N, H, W, C]</param>
    /// <param name="w">[rows, columns, C, O]</param>
    /// <param name="bias">[O]</param>
    /// <param name="window">The window.</param>
    /// <param name="activation">f</param>
    /// <returns>[N, H', W', O]</returns>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static Var Convolve<F>(this Var x, Var w, Var bias, Window window, F activation)
        where F : struct, IActivation =>
        Layer(x, w, bias, window, transposed: false, activation, window.OutputShape(x.Shape, w.Shape.Columns));

    /// <summary>
    /// y = f(x convolved, transposed, with w + bias): what a convolution makes x of, the smallest of these shapes.
    /// </summary>
    /// <param name="x">[N, H', W', O]</param>
    /// <param name="w">[rows, columns, C, O]</param>
    /// <param name="bias">[C]</param>
    /// <param name="window">The window of the convolution that this one is transposed of.</param>
    /// <param name="activation">f</param>
    /// <returns>[N, H, W, C]</returns>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static Var ConvolveTransposed<F>(this Var x, Var w, Var bias, Window window, F activation)
        where F : struct, IActivation =>
        Layer(x, w, bias, window, transposed: true, activation, window.TransposedShape(x.Shape, w.Shape[2]));

    /// <summary>y = x convolved with w.</summary>
    /// <inheritdoc cref="Convolve{F}"/>
    public static Var Convolve(this Var x, Var w, Window window) =>
        Plain(x, w, window, transposed: false, window.OutputShape(x.Shape, w.Shape.Columns));

    /// <summary>y = x convolved, transposed, with w.</summary>
    /// <inheritdoc cref="ConvolveTransposed{F}"/>
    public static Var ConvolveTransposed(this Var x, Var w, Window window) =>
        Plain(x, w, window, transposed: true, window.TransposedShape(x.Shape, w.Shape[2]));

    internal static Var Plain(Var x, Var w, Window window, bool transposed, Shape shape)
    {
        var y = x.Tape.Rent(shape);
        Convolution.Run(x.Value, w.Value, window, transposed, y);
        return x.Tape.Record(y, x.Tape.Records(x, w) ? new ConvolutionOp(x, w, window, transposed) : null);
    }

    /// <summary>dw = the gradient with respect to the kernel, of pictures and the result's gradient.</summary>
    internal static Var KernelGradient(Var pictures, Var dy, Window window, Shape kernel)
    {
        var dw = pictures.Tape.Rent(kernel);
        Convolution.KernelGradient(pictures.Value, dy.Value, window, dw);
        return pictures.Tape.Record(dw, pictures.Tape.Records(pictures, dy) ? new KernelGradientOp(pictures, dy, window) : null);
    }

    /// <summary>dz = f'(y) · (x convolved with w): one op, unless f' changes with y and that is to be recorded.</summary>
    internal static Var Sloped<F>(F f, Var y, Var x, Var w, Window window, bool transposed)
        where F : struct, IActivation
    {
        var tape = y.Tape;
        if (tape.Recording && f is not IPiecewiseLinear)
            return MapOps.MapGradient(f, y, y, Plain(x, w, window, transposed, y.Shape), ofOutput: true);
        var dz = tape.Rent(y.Shape);
        Convolution.Backward(x.Value, w.Value, window, transposed, f, y.Value, dz);
        return tape.Record(dz, tape.Records(x, w) ? new SlopedConvolutionOp<F>(f, y, x, w, window, transposed) : null);
    }

    private static Var Layer<F>(Var x, Var w, Var bias, Window window, bool transposed, F activation, Shape shape)
        where F : struct, IActivation
    {
        var y = x.Tape.Rent(shape);
        Convolution.Layer(x.Value, w.Value, bias.Value, activation, window, transposed, y);
        if (!x.Tape.Records(x, w, bias))
            return x.Tape.Record(y, null);
        return x.Tape.Record(y, typeof(F) == typeof(Identity)
            ? new ConvolutionOp(x, w, window, transposed, bias)
            : new ActivatedConvolutionOp<F>(x, w, bias, window, transposed, activation));
    }
}

internal sealed class ConvolutionOp(Var x, Var w, Window window, bool transposed, Var? bias = null) : Op(x, w, bias)
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients) =>
        ConvolutionGradients.Add(A, B!, C, window, transposed, dy, gradients);
}

internal sealed class ActivatedConvolutionOp<F>(Var x, Var w, Var bias, Window window, bool transposed, F activation)
    : ActivatedLayerOp<F>(x, w, bias, activation)
    where F : struct, IActivation
{
    public override void Backward(Var y, Var dz, GradientAccumulator gradients) =>
        ConvolutionGradients.Add(A, B!, C, window, transposed, dz, gradients);
}

/// <summary>dz = f'(y) · (x convolved with w) as an op of x and w, for an f whose second derivative is 0.</summary>
internal sealed class SlopedConvolutionOp<F>(F f, Var y, Var x, Var w, Window window, bool transposed) : SlopedOp<F>(f, y, x, w)
    where F : struct, IActivation
{
    public override void Backward(Var dz, Var product, GradientAccumulator gradients) =>
        ConvolutionGradients.Add(A, B!, null, window, transposed, product, gradients);
}

internal sealed class KernelGradientOp(Var pictures, Var dy, Window window) : Op(pictures, dy)
{
    public override void Backward(Var dw, Var ddw, GradientAccumulator gradients)
    {
        ConvolutionGradients.AddConvolution(gradients, A, B!, ddw, window, transposed: true);
        ConvolutionGradients.AddConvolution(gradients, B!, A, ddw, window, transposed: false);
    }
}

internal static class ConvolutionGradients
{
    public static void Add(Var x, Var w, Var? bias, Window window, bool transposed, Var dy, GradientAccumulator gradients)
    {
        AddKernel(gradients, w, transposed ? dy : x, transposed ? x : dy, window);
        if (gradients.Needs(bias))
            gradients.Add(bias!, SumOps.SumRows(dy, bias!.Shape));
        AddConvolution(gradients, x, dy, w, window, !transposed);
    }

    /// <summary>
    /// Adds a convolution of x with w as a share of a value's gradient; an activation's slope is applied as the product is stored.
    /// </summary>
    public static void AddConvolution(GradientAccumulator gradients, Var v, Var x, Var w, Window window, bool transposed)
    {
        if (!gradients.Needs(v))
            return;
        if (gradients.FusableActivation(v) is { } activated)
            gradients.AddPreActivation(v, activated.ConvolutionActivationBackward(v, x, w, window, transposed));
        else
            gradients.Add(v, ConvolutionOps.Plain(x, w, window, transposed, v.Shape));
    }

    /// <summary>Adds a kernel's gradient; a sum is continued in place where nothing is recorded.</summary>
    private static void AddKernel(GradientAccumulator gradients, Var w, Var pictures, Var dy, Window window)
    {
        var store = gradients.Store;
        if (!store.Needs(w))
            return;
        if (!w.Tape.Recording && store.IsOwned(w) && store.Find(w) is { } sum)
        {
            Convolution.KernelGradient(pictures.Value, dy.Value, window, sum.Value, accumulates: true);
            return;
        }
        gradients.Add(w, ConvolutionOps.KernelGradient(pictures, dy, window, w.Shape));
        if (!w.Tape.Recording)
            store.Own(w); // a product, or the sum of one and what was there: new either way
    }
}
