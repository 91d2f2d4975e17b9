using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Recipes;

/// <summary>
/// A sum that a step reports: computed at once on the processor, and on accelerators with all others of the step, in one launch. Until then
/// it holds its tensor.
/// </summary>
internal sealed class DeferredSum
{
    private Tensor? _x; // until it is gathered
    private ReportedFormula _formula;
    private float _scale;
    private DeferredScalar _value;

    /// <summary>Whether it has not been computed, nor given to a device.</summary>
    public bool IsPending => _x is not null;

    /// <summary>The value. Waits for the device if it is still being computed.</summary>
    public float Value
    {
        get
        {
            if (!IsPending)
                return _value.Value;
            List<DeferredSum> alone = [this];
            using (var gathered = Gather(alone))
                Read(alone, gathered!);
            return _value.Value;
        }
    }

    /// <summary>Reads the only element of a tensor.</summary>
    public static DeferredSum AsItIs(Tensor x) =>
        x.Device is AcceleratorDevice ? new() { _x = x.Share() } : new() { _value = x.ReadDeferred() };

    /// <summary>Takes the mean of f over all elements.</summary>
    public static DeferredSum Mean<F>(F f, Tensor x)
        where F : struct, IMap
    {
        float scale = 1f / x.Count;
        if (x.Device is AcceleratorDevice && x.Count <= BatchSums.Most && ReportedFormula.Of(f) is { } formula)
            return new() { _x = x.Share(), _formula = formula, _scale = scale };
        using var mean = new Tensor(x.Device, new Shape(1));
        Reduce.Sum(f, x, scale, mean);
        return AsItIs(mean);
    }

    /// <summary>Computes pending sums of one device.</summary>
    /// <returns>The sums, which the caller disposes; null if there are none.</returns>
    public static Tensor? Gather(List<DeferredSum> sums)
    {
        if (sums.Count == 0)
            return null;
        var results = new Tensor(sums[0]._x!.Device, new Shape(sums.Count));
        Span<SumRequest<ReportedFormula>> requests = new SumRequest<ReportedFormula>[BatchSums.MostAtOnce];
        for (int from = 0; from < sums.Count; from += BatchSums.MostAtOnce)
        {
            var those = CollectionsMarshal.AsSpan(sums)[from..Math.Min(sums.Count, from + BatchSums.MostAtOnce)];
            for (int i = 0; i < those.Length; i++)
                requests[i] = new(those[i]._formula, those[i]._x!, those[i]._scale, AsItIs: those[i]._scale == 0f);
            BatchSums.Several(requests[..those.Length], results, from);
        }
        foreach (var sum in sums)
            sum.GiveUp();
        return results;
    }

    /// <summary>Lets go of the tensor, if it has not been computed: nobody asks for the value.</summary>
    public void GiveUp()
    {
        _x?.Dispose();
        _x = null;
    }

    /// <summary>Asks the device for sums that it computes.</summary>
    public static void Read(List<DeferredSum> sums, Tensor gathered)
    {
        Span<DeferredScalar> values = new DeferredScalar[sums.Count];
        gathered.ReadDeferred(values);
        for (int i = 0; i < values.Length; i++)
            sums[i]._value = values[i];
    }
}

/// <summary>The formulas whose means steps report, told apart as they run, so that one launch computes several.</summary>
internal readonly record struct ReportedFormula : IMap
{
    private enum Kind
    {
        Identity,
        Positive,
        Sigmoid,
    }

    private readonly Kind _kind;

    private ReportedFormula(Kind kind) => _kind = kind;

    /// <summary>Returns a formula's equal among these; null if it has none.</summary>
    public static ReportedFormula? Of<F>(F f)
        where F : struct, IMap => f switch
        {
            Identity => new(Kind.Identity),
            Positive => new(Kind.Positive),
            Sigmoid => new(Kind.Sigmoid),
            _ => null,
        };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : struct, ILane<V>
    {
        if (_kind == Kind.Positive)
            return default(Positive).Forward(x);
        if (_kind == Kind.Sigmoid)
            return default(Sigmoid).Forward(x);
        return x;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Backward<V>(V x, V y, V dy)
        where V : struct, ILane<V> => V.Of(0f); // they are reported only
}

/// <summary>1 above 0, else 0: counts.</summary>
internal readonly struct Positive : IMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : struct, ILane<V> => V.IfPositive(x, V.Of(1f), V.Of(0f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Backward<V>(V x, V y, V dy)
        where V : struct, ILane<V> => V.Of(0f);
}
