using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>Dropout (Srivastava et al., 2014), in its inverted form: what is kept is scaled up, so that inference needs nothing.</summary>
public static class DropoutOps
{
    /// <summary>y = x / keep with the probability keep, else 0.</summary>
    public static Var Dropout(this Var x, float keep, RandomStream random)
    {
        var mask = x.Tape.Rent(x.Shape);
        RandomNumbers.Mask(random, keep, mask);
        return x.Multiply(x.Tape.Own(mask));
    }
}
