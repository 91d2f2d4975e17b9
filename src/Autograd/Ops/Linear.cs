using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

// x[N,I] w[I,O] bias[O] y[N,O]: N samples, I inputs, O outputs

/// <summary>A whole dense layer as one op.</summary>
public static class LinearOps
{
    /// <summary>y = f(x·w + bias). What goes into f is not kept: f's derivative is told from y.</summary>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static Var Linear<F>(this Var x, Var w, Var bias, F activation)
        where F : struct, IActivation
    {
        var y = x.Tape.Rent(Kernels.MatMul.ResultShape(x.Shape, false, w.Shape, false));
        Kernels.MatMul.Linear(x.Value, w.Value, bias.Value, activation, y);
        return x.Tape.Record(y, x.Tape.Records(x, w, bias) ? new LinearOp<F>(x, w, bias, activation) : null);
    }

    /// <summary>y = x·w + bias</summary>
    /// <inheritdoc cref="Linear{F}"/>
    public static Var Linear(this Var x, Var w, Var bias) => x.Linear(w, bias, default(Identity));
}

internal sealed class LinearOp<F>(Var x, Var w, Var bias, F activation) : Op(x, w, bias)
    where F : struct, IActivation
{
    public override void Backward(Var y, Var dy, Flow flow)
    {
        var dz = typeof(F) == typeof(Identity) ? dy : MapOps.MapGradient(activation, y, y, dy, ofOutput: true);
        if (flow.Needs(B))
            flow.Add(B!, A.MatMul(dz, transposeA: true));
        if (flow.Needs(C))
            flow.Add(C!, SumOps.SumRows(dz, C!.Shape));
        if (flow.Needs(A))
            flow.Add(A, dz.MatMul(B!, transposeB: true));
    }
}
