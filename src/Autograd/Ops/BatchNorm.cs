using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

// x[N,C] or x[N,H,W,C], gamma[C] beta[C]: N samples, C channels

/// <summary>Batch normalisation (Ioffe and Szegedy, 2015), by the batch's own statistics or by given ones.</summary>
public static class BatchNormOps
{
    /// <summary>
    /// Normalises by the batch's own mean and biased variance: y = (x - mean) / √(variance + epsilon) · gamma + beta. Returns both for
    /// running statistics; they belong to the tape.
    /// </summary>
    /// <exception cref="ArgumentException">The shapes don't fit, or the batch is empty.</exception>
    public static Var BatchNorm(this Var x, Var gamma, Var beta, float epsilon, out Tensor mean, out Tensor variance) =>
        x.BatchNorm(gamma, beta, epsilon, null, out mean, out variance);

    /// <summary>Does the same, and moves running statistics towards the batch's.</summary>
    /// <exception cref="ArgumentException">The shapes don't fit, or the batch is empty.</exception>
    internal static Var BatchNorm(
        this Var x, Var gamma, Var beta, float epsilon, Kernels.RunningStatistics? running, out Tensor mean, out Tensor variance)
    {
        var tape = x.Tape;
        var y = tape.Rent(x.Shape);
        var row = new Shape(x.Shape.Columns);
        mean = tape.Own(tape.Rent(row)).Value;
        variance = tape.Own(tape.Rent(row)).Value;
        var rstd = tape.Own(tape.Rent(row)).Value;
        Kernels.BatchNorm.Forward(x.Value, gamma.Value, beta.Value, epsilon, y, mean, variance, rstd, running);
        return tape.Record(y, tape.Records(x, gamma, beta) ? new BatchNormOp(x, gamma, beta, epsilon, mean, rstd) : null);
    }

    /// <summary>
    /// Normalises by given statistics, through which no gradient flows: y = (x - mean) / √(variance + epsilon) · gamma + beta.
    /// </summary>
    /// <exception cref="ArgumentException">The shapes don't fit.</exception>
    public static Var BatchNorm(this Var x, Var gamma, Var beta, Tensor mean, Tensor variance, float epsilon)
    {
        var y = x.Tape.Rent(x.Shape);
        Kernels.BatchNorm.Inference(x.Value, gamma.Value, beta.Value, mean, variance, epsilon, y);
        return x.Tape.Record(y, x.Tape.Records(x, gamma, beta) ? new BatchNormInferenceOp(x, gamma, beta, epsilon, mean, variance) : null);
    }
}

internal sealed class BatchNormOp(Var x, Var gamma, Var beta, float epsilon, Tensor mean, Tensor rstd) : Op(x, gamma, beta)
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients)
    {
        var tape = A.Tape;
        if (tape.Recording)
        {
            Differentiable(dy, gradients);
            return;
        }
        Tensor dGamma = tape.Rent(B!.Shape), dBeta = tape.Rent(C!.Shape);
        if (gradients.FusableActivation(A) is ActivatedLayerOp activated)
        {
            gradients.AddPreActivation(A, activated.BatchNormActivationBackward(A, B.Value, mean, rstd, dy, dGamma, dBeta));
        }
        else
        {
            var dx = tape.Rent(A.Shape);
            Kernels.BatchNorm.Backward(A.Value, B.Value, mean, rstd, dy.Value, dx, dGamma, dBeta);
            gradients.Add(A, tape.Record(dx, null));
        }
        gradients.Add(B, tape.Record(dGamma, null));
        gradients.Add(C, tape.Record(dBeta, null));
    }

    /// <summary>Computes the same gradients by ops of x: mean and rstd would be constants to the derivative of one kernel.</summary>
    private void Differentiable(Var dy, GradientAccumulator gradients)
    {
        float perSample = 1f / A.Shape.Rows;
        var centred = A.AddRow(A.SumRows().Scale(-perSample));
        var rstd = SumOps.SumRows(centred.Square(), B!.Shape).Map(new Affine(perSample, epsilon)).Sqrt().Reciprocal();
        var xHat = centred.MultiplyRow(rstd);
        var dBeta = SumOps.SumRows(dy, C!.Shape);
        var dGamma = SumOps.SumRows(dy.Multiply(xHat), B.Shape);
        gradients.Add(C, dBeta);
        gradients.Add(B, dGamma);
        if (gradients.Needs(A))
        {
            var share = xHat.MultiplyRow(dGamma.Scale(perSample)).AddRow(dBeta.Scale(perSample));
            gradients.Add(A, dy.Subtract(share).MultiplyRow(B.Multiply(rstd)));
        }
    }
}

internal sealed class BatchNormInferenceOp(Var x, Var gamma, Var beta, float epsilon, Tensor mean, Tensor variance) : Op(x, gamma, beta)
{
    public override void Backward(Var y, Var dy, GradientAccumulator gradients)
    {
        var tape = A.Tape;
        if (gradients.Needs(C))
            gradients.Add(C!, SumOps.SumRows(dy, C!.Shape));
        if (!gradients.Needs(A) && !gradients.Needs(B))
            return;
        var scaled = dy.MultiplyRow(tape.Constant(variance).Offset(epsilon).Sqrt().Reciprocal());
        if (gradients.Needs(B))
            gradients.Add(B!, SumOps.SumRows(scaled.Multiply(A.AddRow(tape.Constant(mean).Scale(-1f))), B!.Shape));
        if (gradients.Needs(A))
            gradients.Add(A, scaled.MultiplyRow(B!));
    }
}
