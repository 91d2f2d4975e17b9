using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan;

/// <summary>Batches of real pictures, picked as a recipe says and scaled to its pixel range.</summary>
public sealed class Batches
{
    private readonly ImageSet _images;
    private readonly Device _device;
    private readonly BatchRule _rule;
    private readonly RandomStream _random;
    private readonly int _batch;
    private readonly int _first, _count;
    private readonly float[] _scale = new float[256];
    private readonly float[] _host;
    private readonly int[] _order;

    /// <summary>Batches from the first pictures of a set, after those that the recipe sets aside.</summary>
    /// <param name="images">The pictures.</param>
    /// <param name="count">How many of them are used.</param>
    /// <param name="recipe">Its batch rule and pixel range hold.</param>
    /// <param name="batch">Pictures in a batch; at most <paramref name="count"/>.</param>
    /// <param name="device">Where batches go.</param>
    /// <param name="random">What picks them.</param>
    public Batches(ImageSet images, int count, Recipe recipe, int batch, Device device, RandomStream random)
    {
        _images = images;
        _device = device;
        _rule = recipe.BatchRule;
        _random = random;
        _batch = batch;
        _first = SetAsideOf(recipe, images.Count);
        _count = count;
        var (low, high) = recipe.PixelRange;
        for (int value = 0; value < 256; value++)
            _scale[value] = low + ((high - low) * value / 255f);
        Pixels = images.Height * images.Width * images.Channels;
        _host = new float[batch * Pixels];
        _order = new int[_rule == BatchRule.WithReplacement ? batch : count];
        StepsPerEpoch = _rule == BatchRule.WholeBatches ? count / batch : (count + batch - 1) / batch;
    }

    /// <summary>Numbers in one picture.</summary>
    public int Pixels { get; }

    /// <summary>Training steps in one pass over the data's size.</summary>
    public int StepsPerEpoch { get; }

    /// <summary>The batch of one step of an epoch, [N, pixels]; steps come in order. The caller disposes it.</summary>
    public Tensor Next(int stepOfEpoch)
    {
        int from = 0, n = _batch;
        if (_rule == BatchRule.WithReplacement)
        {
            for (int i = 0; i < n; i++)
                _order[i] = _random.Below(_count);
        }
        else
        {
            if (stepOfEpoch == 0)
                _random.Shuffle(_order);
            from = stepOfEpoch * _batch;
            n = Math.Min(_batch, _count - from);
        }
        return Gather(_order.AsSpan(from, n));
    }

    /// <summary>Pictures at the beginning of a set of so many that a recipe does not train on: only a whole MNIST has some to set aside.</summary>
    public static int SetAsideOf(Recipe recipe, int count) => count == MnistFiles.TrainingCount ? recipe.SetAside : 0;

    /// <summary>These pictures, counted after those set aside, [N, pixels], scaled to the recipe's range. The caller disposes it.</summary>
    public Tensor Gather(ReadOnlySpan<int> pictures)
    {
        for (int i = 0; i < pictures.Length; i++)
        {
            var from = _images.Pixels.AsSpan((_first + pictures[i]) * Pixels, Pixels);
            var to = _host.AsSpan(i * Pixels, Pixels);
            for (int p = 0; p < from.Length; p++)
                to[p] = _scale[from[p]];
        }
        return Tensor.From(_device, new Shape(pictures.Length, Pixels), _host.AsSpan(0, pictures.Length * Pixels));
    }
}
