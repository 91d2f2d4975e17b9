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
    private readonly int _first, _count, _usable, _perEpoch, _perStep;
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
    /// <param name="perStep">Batches that a training step takes.</param>
    /// <param name="pack">What each batch's size is to be a multiple of; the few pictures that don't fill a pack are left out.</param>
    public Batches(ImageSet images, int count, Recipe recipe, int batch, Device device, RandomStream random, int perStep = 1, int pack = 1)
    {
        _images = images;
        _device = device;
        _rule = recipe.BatchRule;
        _random = random;
        _batch = batch;
        _first = SetAsideOf(recipe, images.Count);
        _count = count;
        _usable = count - (count % pack);
        _perStep = perStep;
        var (low, high) = recipe.PixelRange;
        for (int value = 0; value < 256; value++)
            _scale[value] = low + ((high - low) * value / 255f);
        Pixels = images.Height * images.Width * images.Channels;
        _host = new float[batch * Pixels];
        _order = new int[_rule == BatchRule.WithReplacement ? batch : count];
        _perEpoch = _rule == BatchRule.WholeBatches ? count / batch : (_usable + batch - 1) / batch;
        StepsPerEpoch = (_perEpoch + perStep - 1) / perStep;
    }

    /// <summary>Numbers in one picture.</summary>
    public int Pixels { get; }

    /// <summary>Training steps in one pass over the data's size.</summary>
    public int StepsPerEpoch { get; }

    /// <summary>The batches of one step of an epoch, [N, pixels] each; steps come in order. The last step may have fewer. The caller disposes them.</summary>
    public Tensor[] Next(int stepOfEpoch)
    {
        int from = stepOfEpoch * _perStep, to = Math.Min(from + _perStep, _perEpoch);
        var batches = new Tensor[to - from];
        for (int i = 0; i < batches.Length; i++)
            batches[i] = NextBatch(from + i);
        return batches;
    }

    private Tensor NextBatch(int batchOfEpoch)
    {
        int from = 0, n = _batch;
        if (_rule == BatchRule.WithReplacement)
        {
            for (int i = 0; i < n; i++)
                _order[i] = _random.Below(_count);
        }
        else
        {
            if (batchOfEpoch == 0)
                _random.Shuffle(_order);
            from = batchOfEpoch * _batch;
            n = Math.Min(_batch, _usable - from);
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
