using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

// x[N,I] w[I,O] bias[O] y[N,O]: N samples, I inputs, O outputs

/// <summary>The dense layer as one op.</summary>
public static class LinearOps
{
    /// <summary>y = f(x·w + bias). The input of f is not kept: its derivative is computed from y.</summary>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static Var Linear<F>(this Var x, Var w, Var bias, F activation)
        where F : struct, IActivation
    {
        var y = x.Tape.Rent(Kernels.MatMul.ResultShape(x.Shape, false, w.Shape, false));
        Kernels.MatMul.Linear(x.Value, w.Value, bias.Value, activation, y);
        if (!x.Tape.Records(x, w, bias))
            return x.Tape.Record(y, null);
        bool isLinear = typeof(F) == typeof(Identity);
        return x.Tape.Record(y, isLinear ? new LinearOp(x, w, bias) : new ActivatedLinearOp<F>(x, w, bias, activation));
    }

    /// <summary>y = x·w + bias</summary>
    /// <inheritdoc cref="Linear{F}"/>
    public static Var Linear(this Var x, Var w, Var bias) => x.Linear(w, bias, default(Identity));
}

internal sealed class LinearOp(Var x, Var w, Var bias) : Op(x, w, bias)
{
    public override void Backward(Var y, Var dz, GradientAccumulator gradients) => LinearGradients.Add(A, B!, C!, dz, gradients);
}

internal sealed class ActivatedLinearOp<F>(Var x, Var w, Var bias, F activation) : ActivatedLayerOp<F>(x, w, bias, activation)
    where F : struct, IActivation
{
    public override void Backward(Var y, Var dz, GradientAccumulator gradients) => LinearGradients.Add(A, B!, C!, dz, gradients);
}

internal static class LinearGradients
{
    public static void Add(Var x, Var w, Var bias, Var dz, GradientAccumulator gradients)
    {
        gradients.AddProduct(w, x, dz, transposeA: true);
        if (gradients.Needs(bias) && (bias.Tape.Recording || !gradients.Store.TryDefer(bias, null, dz)))
            gradients.Add(bias, SumOps.SumRows(dz, bias.Shape));
        gradients.AddProduct(x, dz, w, transposeB: true);
    }
}
