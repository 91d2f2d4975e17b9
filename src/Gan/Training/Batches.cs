using System.Buffers;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Training;

/// <summary>Makes batches of real pictures by a recipe's batch rule, scaled to its pixel range.</summary>
public sealed class Batches : IDisposable
{
    private const int PicturesWorthAThread = 16, PicturesAhead = 6, CacheLine = 64;

    private readonly ImageSet _images;
    private readonly Device _device;
    private readonly BatchRule _rule;
    private readonly RandomStream _random;
    private readonly RandomStream? _mirrors; // null: pictures stay as they are
    private readonly int _batch;
    private readonly int _first, _count, _usable, _perEpoch, _perStep;
    private readonly (float Low, float High) _range;
    private readonly int[] _order;
    private readonly byte[]? _labels; // of all pictures, for a conditional recipe
    private ByteRows? _onDevice; // all pictures, from the first batch on
    private float[] _host = [];
    private int[] _picked;
    private ulong _drawnFrom;

    /// <summary>Takes batches from the first pictures of a set, after those that the recipe sets aside.</summary>
    /// <param name="images">The pictures.</param>
    /// <param name="count">Pictures that are used.</param>
    /// <param name="recipe">The recipe whose batch rule and pixel range apply.</param>
    /// <param name="batch">Pictures in a batch; at most <paramref name="count"/>.</param>
    /// <param name="device">The device of the batches.</param>
    /// <param name="random">The random numbers that pick them.</param>
    /// <param name="perStep">Batches that a training step takes.</param>
    /// <param name="pack">The divisor of each batch's size; pictures that don't fill a pack are left out.</param>
    /// <param name="mirrors">Decides which pictures of a batch are mirrored, each with a chance of one half; null: none is.</param>
    public Batches(
        ImageSet images, int count, Recipe recipe, int batch, Device device, RandomStream random, int perStep = 1, int pack = 1,
        RandomStream? mirrors = null)
    {
        _mirrors = mirrors;
        _images = images;
        _device = device;
        _rule = recipe.BatchRule;
        _random = random;
        _batch = batch;
        _first = SetAsideOf(recipe, images.Count);
        _count = count;
        _usable = count - (count % pack);
        _perStep = perStep;
        _range = recipe.PixelRange;
        _labels = recipe.IsConditional ? images.Labels : null;
        Pixels = images.Shape.Length;
        _picked = new int[batch];
        _order = new int[_rule == BatchRule.WithReplacement ? batch : count];
        _perEpoch = _rule == BatchRule.WholeBatches ? count / batch : (_usable + batch - 1) / batch;
        StepsPerEpoch = (_perEpoch + perStep - 1) / perStep;
    }

    /// <summary>Numbers in one picture.</summary>
    public int Pixels { get; }

    /// <summary>Training steps in one pass over the data's size.</summary>
    public int StepsPerEpoch { get; }

    /// <summary>
    /// Returns the batches of one step of an epoch, [N, pixels] each, and after them, for a conditional recipe, the labels [N] of each; the
    /// last step may have fewer. Steps are asked for in order. The caller disposes them.
    /// </summary>
    public Tensor[] Next(int stepOfEpoch)
    {
        if (stepOfEpoch == 0 || _rule == BatchRule.WithReplacement)
            _drawnFrom = _random.Position;
        int from = stepOfEpoch * _perStep, to = Math.Min(from + _perStep, _perEpoch);
        var batches = new Tensor[(_labels is null ? 1 : 2) * (to - from)];
        for (int i = 0; i < to - from; i++)
        {
            batches[i] = NextBatch(from + i);
            if (_labels is not null)
                batches[to - from + i] = LabelsOfPicked(batches[i].Shape.Rows);
        }
        return batches;
    }

    /// <summary>
    /// Returns the position of the random stream before the latest step's pictures were drawn: at that step, or at the start of an epoch
    /// that is shuffled. Before an epoch's first step it is the stream's present position.
    /// </summary>
    public ulong PositionAfter(int stepsOfEpoch) => stepsOfEpoch == 0 ? _random.Position : _drawnFrom;

    /// <summary>Resumes an epoch after some steps.</summary>
    /// <param name="position">The value of <see cref="PositionAfter"/> at that time.</param>
    /// <param name="stepsOfEpoch">Steps taken.</param>
    /// <returns>The batches of the latest step, none at an epoch's start. The caller disposes them.</returns>
    public Tensor[] ResumeAfter(ulong position, int stepsOfEpoch)
    {
        _random.Position = _drawnFrom = position;
        if (stepsOfEpoch == 0)
            return [];
        if (stepsOfEpoch > 1 && _rule != BatchRule.WithReplacement)
            _random.Shuffle(_order);
        return Next(stepsOfEpoch - 1);
    }

    /// <summary>Returns the pictures' storage to the device's pool.</summary>
    public void Dispose() => _onDevice?.Dispose();

    private Tensor LabelsOfPicked(int count)
    {
        var labels = new float[count];
        for (int i = 0; i < count; i++)
            labels[i] = _labels![_picked[i] % _images.Count];
        return Tensor.From(_device, new Shape(count), labels);
    }

    private Tensor NextBatch(int batchOfEpoch)
    {
        int from = 0, n = _batch;
        ulong drawnFrom = _random.Position; // of this batch
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
        if (_mirrors is not null)
        {
            // a place that a resumed run finds again
            _mirrors.Position = _rule == BatchRule.WithReplacement ? drawnFrom : _drawnFrom + ((ulong)batchOfEpoch * (ulong)_batch);
        }
        return Gather(_order.AsSpan(from, n), _mirrors);
    }

    /// <summary>Returns how many pictures a recipe sets aside at the start of a set: some of a whole MNIST, none of others.</summary>
    public static int SetAsideOf(Recipe recipe, int count) => count == MnistFiles.TrainingCount ? recipe.SetAside : 0;

    /// <summary>Returns the labels [N] of pictures; null unless the recipe is conditional. The caller disposes them.</summary>
    /// <param name="pictures">Their numbers, counted after those set aside.</param>
    public Tensor? GatherLabels(ReadOnlySpan<int> pictures)
    {
        if (_labels is null)
            return null;
        var labels = new float[pictures.Length];
        for (int i = 0; i < labels.Length; i++)
            labels[i] = _labels[_first + pictures[i]];
        return Tensor.From(_device, new Shape(labels.Length), labels);
    }

    /// <summary>Returns pictures [N, pixels], scaled to the recipe's range. The caller disposes them.</summary>
    /// <param name="pictures">Their numbers, counted after those set aside.</param>
    public Tensor Gather(ReadOnlySpan<int> pictures) => Gather(pictures, null);

    private unsafe Tensor Gather(ReadOnlySpan<int> pictures, RandomStream? mirrors)
    {
        var batch = new Tensor(_device, new Shape(pictures.Length, Pixels));
        if (_picked.Length < pictures.Length)
            _picked = new int[pictures.Length];
        for (int i = 0; i < pictures.Length; i++)
            _picked[i] = _first + pictures[i] + (mirrors?.Below(2) == 1 ? _images.Count : 0); // where threads can read it
        if (_device is AcceleratorDevice accelerator && ByteRows.Fit(accelerator, (_mirrors is null ? 1L : 2L) * _images.Pixels.Length))
        {
            _onDevice ??= new ByteRows(accelerator, _mirrors is null ? _images.Pixels : WithMirrored(), Pixels);
            _onDevice.Gather(_picked.AsSpan(0, pictures.Length), _range.Low, _range.High - _range.Low, batch);
            return batch;
        }
        if (_device is CpuDevice cpu && batch.Storage is HostStorage memory)
        {
            var job = new GatherJob { Batches = this, To = memory.Pointer };
            cpu.Run(ref job, pictures.Length, PicturesWorthAThread);
            return batch;
        }
        if (_host.Length < batch.Count)
            _host = new float[batch.Count];
        for (int i = 0; i < pictures.Length; i++)
            Scale(i, _host.AsSpan(i * Pixels, Pixels));
        batch.CopyFrom(_host.AsSpan(0, pictures.Length * Pixels));
        return batch;
    }

    /// <summary>
    /// Scales pictures that lie anywhere in memory: each is prefetched while those before it are scaled. A unit is a picture.
    /// </summary>
    private unsafe struct GatherJob : IJob
    {
        public Batches Batches;
        public float* To;

        public readonly string Name => "pictures of a batch";

        public readonly void Run(int from, int to)
        {
            int pixels = Batches.Pixels;
            for (int i = from; i < to; i++)
            {
                if (i == from)
                    Fetch(from + 1, Math.Min(to, from + PicturesAhead));
                Fetch(i + PicturesAhead, Math.Min(to, i + PicturesAhead + 1));
                Batches.Scale(i, new Span<float>(To + ((nint)i * pixels), pixels));
            }
        }

        private readonly void Fetch(int from, int to)
        {
            if (!Sse.IsSupported)
                return;
            for (; from < to; from++)
            {
                fixed (byte* picture = Batches.Picture(from))
                {
                    for (int line = 0; line < Batches.Pixels; line += CacheLine)
                        Sse.Prefetch0(picture + line);
                }
            }
        }
    }

    // of a batch that is being gathered; numbers from the count on are those of mirrored pictures
    private ReadOnlySpan<byte> Picture(int i) => _images.Pixels.AsSpan(_picked[i] % _images.Count * Pixels, Pixels);

    private byte[] WithMirrored()
    {
        var both = new byte[2 * _images.Pixels.Length];
        _images.Pixels.CopyTo(both, 0);
        for (int i = 0; i < _images.Count; i++)
            Mirror(_images.Pixels.AsSpan(i * Pixels, Pixels), both.AsSpan((_images.Count + i) * Pixels, Pixels));
        return both;
    }

    private void Mirror(ReadOnlySpan<byte> from, Span<byte> to)
    {
        var (_, width, channels) = _images.Shape;
        for (int pixel = 0; pixel < from.Length / channels; pixel++)
        {
            int x = pixel % width;
            from.Slice(pixel * channels, channels).CopyTo(to[((pixel - x + width - 1 - x) * channels)..]);
        }
    }

    private void Scale(int i, Span<float> to)
    {
        if (_picked[i] < _images.Count)
        {
            Scale(Picture(i), to);
            return;
        }
        byte[] mirrored = ArrayPool<byte>.Shared.Rent(Pixels);
        Mirror(Picture(i), mirrored);
        Scale(mirrored.AsSpan(0, Pixels), to);
        ArrayPool<byte>.Shared.Return(mirrored);
    }

    /// <summary>low + (high - low) · byte / 255, sixteen at a time and the rest one by one, with the same bits.</summary>
    private void Scale(ReadOnlySpan<byte> from, Span<float> to)
    {
        float low = _range.Low, range = _range.High - _range.Low;
        int p = 0;
        for (; p <= from.Length - Vector128<byte>.Count; p += Vector128<byte>.Count)
        {
            var (words0, words1) = Vector128.Widen(Vector128.Create(from.Slice(p, Vector128<byte>.Count)));
            var (a, b) = Vector128.Widen(words0);
            var (c, d) = Vector128.Widen(words1);
            ScaleFour(a, low, range).CopyTo(to[p..]);
            ScaleFour(b, low, range).CopyTo(to[(p + 4)..]);
            ScaleFour(c, low, range).CopyTo(to[(p + 8)..]);
            ScaleFour(d, low, range).CopyTo(to[(p + 12)..]);
        }
        for (; p < from.Length; p++)
            to[p] = low + (range * from[p] / 255f);
    }

    private static Vector128<float> ScaleFour(Vector128<uint> bytes, float low, float range) =>
        Vector128.Create(low) + (Vector128.ConvertToSingle(bytes.AsInt32()) * Vector128.Create(range) / Vector128.Create(255f));
}
