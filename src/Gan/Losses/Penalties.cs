using GanFromScratch.Autograd;

namespace GanFromScratch.Gan.Losses;

// s[N,P]: for each row of a batch, the gradient of D's output for that row with respect to the row

/// <summary>Penalties on D's gradient with respect to its inputs. Their own gradients are second derivatives of D.</summary>
public static class Penalties
{
    /// <summary>Computes D's gradients with respect to its inputs, differentiable once more.</summary>
    /// <param name="outputs">
    /// D's outputs on all of them, [N,1] each. A row's output depends on no other row, so the gradient of the sum holds each row's own.
    /// </param>
    /// <param name="inputs">D's inputs, leaves of one tape.</param>
    public static Gradients InputGradients(ReadOnlySpan<Var> outputs, ReadOnlySpan<Var> inputs) =>
        outputs[0].Tape.GradientsOfSum(outputs, inputs, differentiable: true);

    /// <summary>
    /// Computes the mean over rows of ‖s‖²: R1 at real pictures (Mescheder et al., 2018), R2 at generated ones; both without their factor
    /// of gamma / 2.
    /// </summary>
    public static Var ZeroCentred(Var s) => s.SumOf(default(Square), 1f / s.Shape.Rows);

    /// <summary>Computes the mean over rows of (‖s‖ - 1)² (Gulrajani et al., 2017, WGAN-GP).</summary>
    public static Var OneCentred(Var s)
    {
        const float Least = 1e-12f; // the root's derivative is infinite at 0, where a dead network is
        return s.Square().SumColumns().Offset(Least).Sqrt().Offset(-1f).Square().Mean();
    }
}
