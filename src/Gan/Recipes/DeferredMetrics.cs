using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Recipes;

/// <summary>
/// A value that follows from scalars that a device may still be computing: offset + a · first + b · second, or a Euclidean norm from its
/// squares.
/// </summary>
public readonly struct DeferredMetric
{
    private readonly double _offset, _a, _b;
    private readonly DeferredSum? _first, _second;
    private readonly DeferredScalar[]? _squares;

    private DeferredMetric(double offset, double a, DeferredSum? first, double b = 0, DeferredSum? second = null)
    {
        (_offset, _a, _b) = (offset, a, b);
        (_first, _second) = (first, second);
    }

    private DeferredMetric(DeferredScalar[] squares) => _squares = squares;

    private DeferredMetric(double constant) => _offset = constant;

    /// <summary>The value. Waits for the device if it is still being computed.</summary>
    public double Value => _squares is { } squares
        ? Norm(squares)
        : (_a * (_first?.Value ?? 0)) + (_b * (_second?.Value ?? 0)) + _offset;

    /// <summary>Reads the only element of a tensor that has one, as it will be after all work of the step.</summary>
    public static DeferredMetric Of(Tensor tensor) => new(0, 1, DeferredSum.AsItIs(tensor));

    /// <summary>Makes a value that is known already.</summary>
    public static DeferredMetric Constant(double value) => new(value);

    /// <summary>Takes the root of a sum of squares; the result can't be computed with.</summary>
    public static DeferredMetric NormOf(DeferredScalar[] squares) => new(squares);

    /// <summary>Takes the mean of f over all elements, which no later work of the step may change.</summary>
    public static DeferredMetric Mean<F>(F f, Tensor x)
        where F : struct, IMap => new(0, 1, DeferredSum.Mean(f, x));

    /// <summary>Takes the share of elements above 0: of logits, those that say "real".</summary>
    public static DeferredMetric ShareOfPositive(Tensor logits) => Mean(default(Positive), logits);

    /// <summary>Adds the sums that are not computed yet to a list.</summary>
    internal void AddPending(List<DeferredSum> to)
    {
        foreach (var sum in (ReadOnlySpan<DeferredSum?>)[_first, _second])
        {
            if (sum is { IsPending: true } && !to.Contains(sum))
                to.Add(sum);
        }
    }

    /// <summary>Returns the same value of other sums.</summary>
    internal DeferredMetric With(List<DeferredSum> these, List<DeferredSum> others)
    {
        return _squares is not null ? this : new(_offset, _a, Other(_first), _b, Other(_second));

        DeferredSum? Other(DeferredSum? sum) => sum is not null && these.IndexOf(sum) is >= 0 and var i ? others[i] : sum;
    }

    /// <summary>factor · x</summary>
    /// <exception cref="InvalidOperationException">x is a norm.</exception>
    public static DeferredMetric operator *(double factor, DeferredMetric x) =>
        new(factor * x.Linear._offset, factor * x._a, x._first, factor * x._b, x._second);

    /// <summary>constant - x</summary>
    /// <exception cref="InvalidOperationException">x is a norm.</exception>
    public static DeferredMetric operator -(double constant, DeferredMetric x) =>
        new(constant - x.Linear._offset, -x._a, x._first, -x._b, x._second);

    /// <summary>x + y</summary>
    /// <exception cref="InvalidOperationException">One of the two already follows from two scalars, or is a norm.</exception>
    public static DeferredMetric operator +(DeferredMetric x, DeferredMetric y) => x.Linear._b == 0 && y.Linear._b == 0
        ? new(x._offset + y._offset, x._a, x._first, y._a, y._first)
        : throw new InvalidOperationException("DeferredMetric: a sum of more than two scalars; let the device add some of them");

    private DeferredMetric Linear => _squares is null
        ? this
        : throw new InvalidOperationException("DeferredMetric: a norm is read as it is; it can't be scaled, subtracted or added");

    private static double Norm(DeferredScalar[] squares)
    {
        double sum = 0;
        foreach (var square in squares)
            sum += square.Value;
        return Math.Sqrt(sum);
    }
}

/// <summary>
/// What a training step reports before its device has computed it. A step reads nothing back, so the device always has work.
/// </summary>
/// <param name="metrics">The metrics that a step may report; each has its default until then.</param>
public sealed class DeferredMetrics(IReadOnlyList<Metric> metrics) : IDisposable
{
    private readonly DeferredMetric[] _values = new DeferredMetric[metrics.Count];
    private readonly List<DeferredSum> _pending = []; // what is gathered, in order
    private readonly List<DeferredSum> _replaced = []; // of values that were reported, and others after them
    private Tensor? _gathered;

    /// <summary>Gets or sets a metric's value.</summary>
    /// <exception cref="ArgumentException">The recipe has no such metric.</exception>
    public DeferredMetric this[Metric metric]
    {
        get => _values[MetricValues.IndexOf(metrics, metric)];
        set
        {
            ref var kept = ref _values[MetricValues.IndexOf(metrics, metric)];
            kept.AddPending(_replaced);
            kept = value;
        }
    }

    /// <summary>Sets all metrics to what they are unless a step reports them.</summary>
    public void Clear()
    {
        foreach (ref readonly var value in _values.AsSpan())
            value.AddPending(_replaced);
        ReleaseReplaced();
        for (int i = 0; i < _values.Length; i++)
            _values[i] = DeferredMetric.Constant(metrics[i].Unreported);
    }

    /// <summary>
    /// Computes all that is reported, at a step's end: in one launch, where the device works asynchronously. <see cref="Read"/> reads it.
    /// </summary>
    internal void Gather()
    {
        _pending.Clear();
        foreach (ref readonly var value in _values.AsSpan())
            value.AddPending(_pending);
        Dispose();
        _gathered = DeferredSum.Gather(_pending);
        ReleaseReplaced();
    }

    /// <summary>Asks the device for what was gathered.</summary>
    internal void Read()
    {
        if (_gathered is { } gathered)
            DeferredSum.Read(_pending, gathered);
        Dispose();
    }

    /// <summary>
    /// Asks the device for the values of a replayed step, which reports as the one that was captured did. Nothing is left to
    /// <see cref="Read"/>.
    /// </summary>
    internal void ReadAs(DeferredMetrics captured)
    {
        _pending.Clear();
        foreach (var sum in captured._pending)
            _pending.Add(new DeferredSum());
        if (captured._gathered is { } gathered)
            DeferredSum.Read(_pending, gathered);
        for (int i = 0; i < _values.Length; i++)
            _values[i] = captured._values[i].With(captured._pending, _pending);
    }

    /// <summary>Makes metrics of the same names, each with its default.</summary>
    internal DeferredMetrics NewAlike()
    {
        var alike = new DeferredMetrics(metrics);
        alike.Clear();
        return alike;
    }

    /// <summary>Returns what was gathered and not read to the device's pool.</summary>
    public void Dispose()
    {
        _gathered?.Dispose();
        _gathered = null;
    }

    /// <summary>Gives up what was reported, and is a metric's value no more.</summary>
    private void ReleaseReplaced()
    {
        foreach (var sum in _replaced)
            sum.GiveUp();
        _replaced.Clear();
    }

    /// <summary>Writes the values into <paramref name="to"/>. Waits for the device if they are still being computed.</summary>
    public void Resolve(MetricValues to) => to.Resolve(_values);
}
