using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan;

/// <summary>The purposes that a run's seed serves, each with a random stream of its own, so that none depends on how much another draws.</summary>
public enum Streams : uint
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
public static class StreamsOfSeed
{
    /// <summary>The stream of this purpose under this seed, from its beginning.</summary>
    public static RandomStream Of(this Streams purpose, ulong seed) => new(seed, (uint)purpose);
}

/// <summary>The random numbers of training steps: noise and masks, each from one stream in the order that the steps ask for them.</summary>
/// <param name="recipe">Whose noise it is.</param>
/// <param name="device">Where it is drawn.</param>
/// <param name="seed">The run's seed.</param>
public sealed class TrainingNoise(Recipe recipe, Device device, ulong seed) : INoiseSource
{
    private readonly RandomStream _noise = Streams.Noise.Of(seed), _masks = Streams.Dropout.Of(seed);

    /// <inheritdoc/>
    public IMaskSource Masks => field ??= new RandomMasks(_masks);

    /// <inheritdoc/>
    public RandomStream Regularisers { get; } = Streams.Regularisers.Of(seed);

    /// <inheritdoc/>
    public Tensor Draw(string purpose, int count) => DrawFrom(_noise, count);

    /// <inheritdoc/>
    public Tensor Fixed(int count) => DrawFrom(Streams.Samples.Of(seed), count);

    /// <summary>Visits how far each stream has come.</summary>
    public void VisitState(IStateVisitor visitor)
    {
        foreach (var (name, stream) in new[] { ("noise", _noise), ("dropout", _masks), ("regularisers", Regularisers) })
            stream.Position = (ulong)visitor.VisitInt64($"{name}.position", (long)stream.Position);
    }

    private Tensor DrawFrom(RandomStream random, int count)
    {
        var noise = new Tensor(device, new Shape(count, recipe.NoiseSize));
        recipe.DrawNoise(random, noise);
        return noise;
    }
}
