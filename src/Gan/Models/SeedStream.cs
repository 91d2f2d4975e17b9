using GanFromScratch.Kernels;

namespace GanFromScratch.Gan.Models;

/// <summary>The purposes that a run's seed serves, each with a random stream of its own, so that none depends on how much another draws.</summary>
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

    /// <summary>Points between pictures, noise on pictures, flipped labels.</summary>
    Regularisers = 8,

    /// <summary>The toy mixtures' points.</summary>
    Mixture = 9,

    /// <summary>The vectors of spectral normalisation.</summary>
    SpectralNorm = 10,

    /// <summary>The noise of the pictures that the collapse watch looks at.</summary>
    Watch = 11,

    /// <summary>The first weights, batches and masks of the classifier that judges pictures.</summary>
    Classifier = 12,

    /// <summary>Which pictures make a subset of the kernel distance.</summary>
    Subsets = 13,
}

/// <summary>Makes the streams.</summary>
public static class SeedStreams
{
    /// <summary>The stream of this purpose under this seed, from its beginning.</summary>
    public static RandomStream Of(this SeedStream purpose, ulong seed) => new(seed, (uint)purpose);
}
