using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Training;

/// <summary>Training steps on pictures of noise.</summary>
internal sealed class SyntheticSteps : IDisposable
{
    private const int Batches = 16; // on the processor; as in training, an accelerator's batches lie in one place

    private readonly TrainingNoise _noise;
    private readonly StepRunner _runner;
    private readonly PendingMetrics _pending;
    private readonly Tensor[] _pictures, _reals;
    private readonly Tensor _labels;
    private readonly int _updates;

    /// <summary>Makes new networks, and some batches.</summary>
    public SyntheticSteps(Recipe recipe, Objective objective, Device device, PictureShape picture, int batch)
    {
        int classes = recipe.IsConditional ? MnistFiles.Classes : 0;
        var model = recipe.Build(new BuildContext(device, picture, Seed: 0) { Objective = objective, Classes = classes });
        _noise = new TrainingNoise(recipe, device, seed: 0, classes);
        _runner = new StepRunner(recipe, model, objective, _noise, batch, int.MaxValue);
        _pending = new PendingMetrics(recipe.Metrics, PendingMetrics.LagOn(device));
        _updates = objective.DiscriminatorSteps;
        _pictures = Pictures(recipe, device, new Shape(batch, picture.Length), device is AcceleratorDevice ? _updates : Batches);
        _labels = Tensor.Filled(device, new Shape(batch), 0f);
        _reals = new Tensor[(recipe.IsConditional ? 2 : 1) * _updates];
        _reals.AsSpan(_updates).Fill(_labels);
    }

    /// <summary>Why steps are not replayed where they could be; null if they are.</summary>
    public string? ReplayRefusal => _runner.ReplayRefusal;

    /// <summary>
    /// Runs a step as training does: on a device that lags, from one step's result to the next one's, and its queue is never empty.
    /// </summary>
    public void Step(int i)
    {
        for (int k = 0; k < _updates; k++)
            _reals[k] = _pictures[(i + k) % _pictures.Length];
        _runner.Run(0, _reals, _pending.Add(i));
        _pending.TryRead(_pending.Lag, out _, out _);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _runner.Dispose();
        _noise.Dispose();
        _labels.Dispose();
    }

    private static Tensor[] Pictures(Recipe recipe, Device device, Shape shape, int count)
    {
        var random = SeedStream.Synthetic.Of(0);
        var batches = new Tensor[count];
        for (int i = 0; i < count; i++)
        {
            batches[i] = new Tensor(device, shape);
            RandomNumbers.Uniform(random, recipe.PixelRange.Low, recipe.PixelRange.High, batches[i]);
        }
        return batches;
    }
}
