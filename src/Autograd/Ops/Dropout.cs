using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>Dropout (Srivastava et al., 2014), in its inverted form: what is kept is scaled up, so that inference needs nothing.</summary>
public static class DropoutOps
{
    /// <summary>y = x / keep with the probability keep, else 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">keep is not in (0, 1].</exception>
    public static Var Dropout(this Var x, float keep, RandomStream random)
    {
        RequireProbability(keep);
        var mask = x.Tape.Rent(x.Shape);
        RandomNumbers.Mask(random, keep, mask);
        return x.Multiply(x.Tape.Own(mask));
    }

    internal static float RequireProbability(float keep) => keep is > 0 and <= 1
        ? keep
        : throw new ArgumentOutOfRangeException(
            nameof(keep), $"Dropout: {keep} is no probability to keep an element with; it must be above 0 and at most 1");
}
