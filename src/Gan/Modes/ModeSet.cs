using GanFromScratch.Gan.Images;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Modes;

/// <summary>A distribution whose modes are known, all equally likely, for counting those that a GAN covers.</summary>
public abstract class ModeSet
{
    /// <summary>The name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>Number of modes.</summary>
    public abstract int Modes { get; }

    /// <summary>The shape of a sample: a picture's, or 1x1 with a channel for each coordinate.</summary>
    public abstract PictureShape Shape { get; }

    /// <summary>Number of samples that are counted.</summary>
    public abstract int Samples { get; }

    /// <summary>Number of samples in a drawing.</summary>
    public virtual int Shown => Samples;

    /// <summary>What samples are: `points`.</summary>
    public abstract string SamplesAre { get; }

    /// <summary>Draws n samples, [n, Shape.Length], as networks see them. The caller disposes them.</summary>
    public abstract Tensor Sample(Device device, RandomStream random, int n);

    /// <summary>Counts samples [n, Shape.Length] by the mode that each belongs to.</summary>
    /// <param name="samples">The samples, as networks make them.</param>
    /// <param name="tally">Has as many modes; receives the counts.</param>
    public abstract void Count(ReadOnlySpan<float> samples, ModesTally tally);

    /// <summary>Draws samples [n, Shape.Length].</summary>
    internal abstract Image Draw(ReadOnlySpan<float> samples);

    /// <summary>Makes a tally of no samples.</summary>
    public virtual ModesTally NewTally() => new(Modes);

    /// <summary>Measures how well samples [n, Shape.Length] cover the modes.</summary>
    public ModesScore Score(ReadOnlySpan<float> samples)
    {
        var tally = NewTally();
        Count(samples, tally);
        return tally.Score;
    }
}
