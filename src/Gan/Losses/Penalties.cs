using GanFromScratch.Autograd;

namespace GanFromScratch.Gan.Losses;

// s[N,P]: for each row of a batch, the gradient of D's output for that row with respect to the row

/// <summary>Penalties on D's slope. Their gradients are second derivatives of D.</summary>
public static class Penalties
{
    /// <summary>The slopes of D at the rows of its inputs, which are leaves of one tape; to be differentiated again.</summary>
    /// <param name="outputs">D's outputs on all of them, [N,1] each. A row's output depends on no other row, so the gradient of the sum has each row's own.</param>
    /// <param name="inputs">Where the slopes are wanted.</param>
    public static Gradients InputGradients(ReadOnlySpan<Var> outputs, ReadOnlySpan<Var> inputs)
    {
        var sum = outputs[0].Sum();
        foreach (var output in outputs[1..])
            sum = sum.Add(output.Sum());
        return sum.Tape.Gradients(sum, inputs, differentiable: true);
    }

    /// <summary>The mean over rows of ‖s‖²: R1 at reals (Mescheder et al., 2018), R2 at fakes. Theirs have a factor of gamma / 2.</summary>
    public static Var ZeroCentred(Var s) => s.Square().Sum().Scale(1f / s.Shape.Rows);

    /// <summary>The mean over rows of (‖s‖ - 1)² (Gulrajani et al., 2017, WGAN-GP).</summary>
    public static Var OneCentred(Var s)
    {
        const float Least = 1e-12f; // the root's derivative is infinite at 0, where a dead network is
        return s.Square().SumColumns().Offset(Least).Sqrt().Offset(-1f).Square().Mean();
    }
}
