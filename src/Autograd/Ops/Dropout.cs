using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>Makes dropout's masks: random ones in training, given ones when a step is checked.</summary>
public interface IMaskSource
{
    /// <summary>Fills a mask: 1/keep with the probability keep, else 0.</summary>
    void Fill(Tensor mask, float keep);
}

/// <summary>Draws masks from a random stream.</summary>
/// <param name="random">The stream.</param>
public sealed class RandomMasks(RandomStream random) : IMaskSource
{
    /// <inheritdoc/>
    public void Fill(Tensor mask, float keep) => RandomNumbers.Mask(random, keep, mask);
}

/// <summary>
/// Dropout (Srivastava et al., 2014), in its inverted form: kept elements are scaled up, so that inference needs nothing.
/// </summary>
public static class DropoutOps
{
    /// <summary>y = x / keep with the probability keep, else 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">keep is not in (0, 1].</exception>
    public static Var Dropout(this Var x, float keep, IMaskSource masks)
    {
        RequireProbability(keep);
        var mask = x.Tape.Rent(x.Shape);
        masks.Fill(mask, keep);
        return x.Multiply(x.Tape.Own(mask));
    }

    internal static float RequireProbability(float keep) => keep is > 0 and <= 1
        ? keep
        : throw new ArgumentOutOfRangeException(
            nameof(keep), $"Dropout: {keep} is no probability to keep an element with; it must be above 0 and at most 1");
}
