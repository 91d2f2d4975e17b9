using GanFromScratch.Kernels;

namespace GanFromScratch.Gan.Models;

/// <summary>The purposes of a run's seed. Each has a random stream of its own, independent of how much others draw.</summary>
public enum SeedStream : uint
{
    /// <summary>The generator's first weights.</summary>
    GeneratorInit = 1,

    /// <summary>The discriminator's first weights.</summary>
    DiscriminatorInit = 2,

    /// <summary>Which real pictures make a batch.</summary>
    Data = 3,

    /// <summary>The noise of training steps.</summary>
    Noise = 4,

    /// <summary>The fixed noise of the sample grids.</summary>
    Samples = 5,

    /// <summary>Synthetic pictures of the benchmark.</summary>
    Synthetic = 6,

    /// <summary>Dropout's masks.</summary>
    Dropout = 7,

    /// <summary>Interpolates between pictures, instance noise, flipped labels.</summary>
    Regularisers = 8,

    /// <summary>The toy mixtures' points.</summary>
    Mixture = 9,

    /// <summary>The vectors of spectral normalisation.</summary>
    SpectralNorm = 10,

    /// <summary>The noise vectors of the collapse detector.</summary>
    Watch = 11,

    /// <summary>The first weights, batches and masks of the evaluation's classifier.</summary>
    Classifier = 12,

    /// <summary>Which pictures make a subset in an evaluation, such as those of the kernel distance.</summary>
    Subsets = 13,

    /// <summary>Which pictures of a batch are mirrored.</summary>
    Mirrors = 14,

    /// <summary>Which of a user's own pictures an evaluation doesn't learn from.</summary>
    HeldOut = 15,

    /// <summary>The classes that generated pictures are asked for in training.</summary>
    Labels = 16,
}

/// <summary>Opens seed streams.</summary>
public static class SeedStreams
{
    /// <summary>Returns the stream of a purpose under a seed, from its start.</summary>
    public static RandomStream Of(this SeedStream purpose, ulong seed) => new(seed, (uint)purpose);
}
