using GanFromScratch.Autograd;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Training;

/// <summary>The random numbers of training steps: noise vectors and masks, each from a stream of its own.</summary>
/// <param name="recipe">The recipe that says their distribution.</param>
/// <param name="device">The device that draws them.</param>
/// <param name="seed">The run's seed.</param>
/// <param name="classes">The number of classes that labels are drawn from; 0: none are.</param>
public sealed class TrainingNoise(Recipe recipe, Device device, ulong seed, int classes = 0) : INoiseSource, IDisposable
{
    private readonly RandomStream _noise = SeedStream.Noise.Of(seed), _masks = SeedStream.Dropout.Of(seed);
    private readonly RandomStream _labels = SeedStream.Labels.Of(seed);

    private readonly Dictionary<int, Tensor> _fixed = []; // by count; a recorded step has their addresses

    /// <inheritdoc/>
    public IMaskSource Masks => field ??= new RandomMasks(_masks);

    /// <inheritdoc/>
    public RandomStream Regularisers { get; } = SeedStream.Regularisers.Of(seed);

    /// <inheritdoc/>
    public Tensor Draw(string purpose, int count) => DrawFrom(_noise, count);

    /// <inheritdoc/>
    public Tensor DrawLabels(string purpose, int count)
    {
        var labels = new Tensor(device, new Shape(count));
        RandomNumbers.Uniform(_labels, 0f, classes, labels); // a class each, whose number is the whole part
        return labels;
    }

    /// <inheritdoc/>
    public Tensor Fixed(int count)
    {
        if (!_fixed.TryGetValue(count, out var noise))
        {
            (device as AcceleratorDevice)?.RefuseReplay("it draws noise that later steps only read");
            _fixed.Add(count, noise = DrawFrom(SeedStream.Samples.Of(seed), count));
        }
        return noise.Share();
    }

    /// <summary>Saves or restores the position of each stream.</summary>
    public void VisitState(IStateVisitor visitor)
    {
        foreach (var (name, stream) in new[] { ("noise", _noise), ("dropout", _masks), ("regularisers", Regularisers) })
            stream.Position = (ulong)visitor.VisitInt64($"{name}.position", (long)stream.Position);
        if (classes > 0)
            _labels.Position = (ulong)visitor.VisitInt64("labels.position", (long)_labels.Position);
    }

    /// <summary>Returns its storage to the device's pool.</summary>
    public void Dispose()
    {
        foreach (var noise in _fixed.Values)
            noise.Dispose();
        _fixed.Clear();
    }

    private Tensor DrawFrom(RandomStream random, int count)
    {
        var noise = new Tensor(device, new Shape(count, recipe.NoiseSize));
        recipe.DrawNoise(random, noise);
        return noise;
    }
}
