namespace GanFromScratch.Autograd;

/// <summary>Limits gradients before an update.</summary>
public static class GradientClipping
{
    /// <summary>
    /// Scales the gradients of these parameters by min(1, limit / norm), where norm is the Euclidean norm of all their elements together
    /// (Pascanu et al., 2013). The device computes it; nothing is read back.
    /// </summary>
    /// <exception cref="InvalidOperationException">One was not a target, or another sweep found its gradient since.</exception>
    public static void ClipByNorm(this Gradients gradients, ReadOnlySpan<Parameter> parameters, float limit)
    {
        Var? squares = null;
        foreach (var parameter in parameters)
        {
            var square = gradients[parameter].Square().Sum();
            squares = squares?.Add(square) ?? square;
        }
        if (squares is null)
            return;
        var factor = squares.Sqrt().Map(new Affine(1 / limit, -1f)).Relu().Offset(1f).Reciprocal(); // 1 / max(1, norm / limit)
        foreach (var parameter in parameters)
            gradients.Replace(parameter, gradients[parameter].Multiply(factor.Repeat(parameter.Value.Shape)));
    }
}
