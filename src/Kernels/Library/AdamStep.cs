using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>The numbers of one Adam update that are the same for all parameters.</summary>
/// <param name="Rate">The step size, with the first moment's bias correction in it: learning rate / (1 - beta1ᵗ).</param>
/// <param name="Beta1">Decay of the mean of gradients.</param>
/// <param name="Beta2">Decay of the mean of squared gradients.</param>
/// <param name="RootCorrection">1 / √(1 - beta2ᵗ), the second moment's bias correction under the root.</param>
/// <param name="Epsilon">Added to the corrected root.</param>
/// <param name="Mark">The mark of a parameter that has a non-finite number after the update; not 0.</param>
public readonly record struct AdamNumbers(float Rate, float Beta1, float Beta2, float RootCorrection, float Epsilon, float Mark)
{
    /// <summary>The numbers that change from update to update.</summary>
    public const int VaryingCount = 3;

    /// <summary>Returns a parameter's next value and moments.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal (V Value, V Mean, V Square) Of<V>(V value, V gradient, V mean, V square)
        where V : struct, ILane<V>
    {
        mean = V.MultiplyAdd(V.Of(Beta1), mean, V.Of(1f - Beta1) * gradient);
        square = V.MultiplyAdd(V.Of(Beta2), square, V.Of(1f - Beta2) * (gradient * gradient));
        V root = V.MultiplyAdd(V.Sqrt(square), V.Of(RootCorrection), V.Of(Epsilon));
        return (value - (V.Of(Rate) * mean / root), mean, square);
    }

    /// <summary>Writes the numbers that change from update to update.</summary>
    public void WriteVarying(Span<float> to) => (to[0], to[1], to[2]) = (Rate, RootCorrection, Mark);

    /// <summary>Returns the numbers as a kernel finds them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal AdamNumbers Now(Varying at) =>
        new(at.Get(0, Rate), Beta1, Beta2, at.Get(1, RootCorrection), Epsilon, at.Get(2, Mark));

    /// <summary>
    /// Whether an update left only finite numbers. The mean isn't tested: where it isn't finite, the value isn't either. The square is:
    /// where it overflows, the value only stops moving.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool AllFinite<V>(V value, V square)
        where V : struct, IFloatLane<V> => V.AllFinite(V.MultiplyAdd(value, V.Of(0f), square)); // 0 · x is 0 or NaN
}

/// <summary>A parameter with its gradient and moments, all of one shape.</summary>
/// <param name="Value">The parameter.</param>
/// <param name="Gradient">Its gradient; null where it is deferred.</param>
/// <param name="Mean">The running mean of gradients.</param>
/// <param name="Square">The running mean of squared gradients.</param>
/// <param name="Deferred">Its gradient where that is not computed yet.</param>
public readonly record struct AdamSlot(Tensor Value, Tensor? Gradient, Tensor Mean, Tensor Square, DeferredGradient? Deferred = null);

/// <summary>
/// Adam (Kingma and Ba, 2015, Algorithm 1) for all parameters of a network in one pass, spread over threads by elements:
/// m = b1·m + (1-b1)·g, v = b2·v + (1-b2)·g², p -= rate·m̂ / (√v̂ + epsilon).
/// </summary>
/// <remarks>
/// Results are tested while they are in registers, in a loop that waits for memory: divergence is noticed in the step where it happens, and
/// nothing is read twice.
/// <para>A gradient may be deferred: the update is then the epilogue of the product that computes it (<see cref="AdamEpilogue"/> on the
/// processor), and only the optimiser's arithmetic remains.</para>
/// </remarks>
public static unsafe partial class AdamStep
{
    private const int Chunk = 2048; // elements of a unit: fixed, so that the number of threads changes no result

    /// <summary>Updates every parameter and its moments.</summary>
    /// <param name="slots">The parameters.</param>
    /// <param name="numbers">The numbers of this update.</param>
    /// <param name="faults">A number for each slot, initially 0; it becomes the mark of the first update that left a non-finite number in
    /// the slot.</param>
    /// <param name="at">Where a device finds what <see cref="AdamNumbers.WriteVarying"/> writes; null: as numbers has it.</param>
    /// <exception cref="ArgumentException">A slot's tensors differ in shape, there isn't one fault for each slot, or a gradient is
    /// missing.</exception>
    public static void Run(AdamSlot[] slots, AdamNumbers numbers, Tensor faults, Varying? at = null)
    {
        if (faults.Count != slots.Length)
            throw new ArgumentException($"Adam: {faults.Shape} faults for {slots.Length} slots; each slot has its own");
        if (slots.Length == 0)
            return;
        var device = slots[0].Value.Device;
        int chunks = 0;
        foreach (ref readonly var slot in slots.AsSpan())
        {
            Operands.SameShape("Adam", slot.Value, slot.Gradient ?? slot.Value);
            Operands.SameShape("Adam", slot.Value, slot.Mean);
            Operands.SameShape("Adam", slot.Value, slot.Square);
            if (slot.Gradient is null)
                Require(slot);
            chunks += Chunks(slot);
        }
        if (device is CpuDevice cpu)
        {
            var job = new Job(slots, numbers, faults.Pointer());
            cpu.Run(ref job, chunks, 4);
            for (int i = 0; i < slots.Length; i++)
            {
                if (slots[i].Gradient is null)
                    MatMul.Fuse(slots[i].Deferred!, new AdamEpilogue(slots[i], numbers, faults.Pointer() + i));
            }
            return;
        }
        var accelerator = (AcceleratorDevice)device;
        RunOnAccelerator(accelerator, slots, numbers, at ?? accelerator.AmongArguments, faults);
    }

    /// <summary>
    /// Whether a deferred gradient can be fused with the update: on an accelerator while its shares have room in a kernel's arguments, and
    /// none is a sum in blocks of rows; and on the processor a product of one or two shares, where they have at most 256 rows together.
    /// </summary>
    public static bool CanFuse(DeferredGradient gradient) => gradient.Dy.Device is AcceleratorDevice accelerator
        ? gradient.Shares <= MostShares(accelerator) && !HasBlocks(gradient)
        : gradient is { X: not null, More: null or { More: null } }
            && gradient.Dy.Shape.Rows + (gradient.More?.Dy.Shape.Rows ?? 0) <= WeightGradientOrder.MaxSamples;

    private static bool HasBlocks(DeferredGradient gradient) =>
        (gradient.X is null && RowBlocks.Divide(gradient.Dy.Shape)) || (gradient.More is { } more && HasBlocks(more));

    private static void Require(AdamSlot slot)
    {
        if (slot.Deferred is not { } gradient || !CanFuse(gradient))
        {
            throw new ArgumentException(
                $"Adam: the gradient of {slot.Value.Shape} has to be computed first: it can't be fused with the update");
        }
        for (var share = gradient; share is not null; share = share.More)
        {
            if (share.X is null)
                Operands.RowOf("Adam", share.Dy, slot.Value);
            else if (MatMul.ResultShape(share.X.Shape, true, share.Dy.Shape, false) != slot.Value.Shape)
                Operands.Refuse("Adam", share.X, share.Dy, $"their product is not a gradient of {slot.Value.Shape}");
        }
    }

    /// <summary>Returns the chunks of a slot's gradient; 0 where it is deferred.</summary>
    private static int Chunks(AdamSlot slot) => slot.Gradient is null ? 0 : (slot.Value.Count + Chunk - 1) / Chunk;

    /// <summary>A unit is one chunk; chunks are numbered through all slots.</summary>
    private readonly struct Job(AdamSlot[] slots, AdamNumbers numbers, float* faults) : IJob
    {
        public void Run(int from, int to)
        {
            for (int s = 0; s < slots.Length && from < to; s++)
            {
                int chunks = Chunks(slots[s]);
                if (from < chunks && slots[s].Gradient is { } gradient)
                {
                    int end = Math.Min(to, chunks);
                    float* value = slots[s].Value.Pointer(), mean = slots[s].Mean.Pointer(), square = slots[s].Square.Pointer();
                    var update = new UpdateBody(value, gradient.Pointer(), mean, square, numbers, faults + s);
                    CpuLoop.Run(update, from * Chunk, Math.Min(end * Chunk, slots[s].Value.Count));
                    from = end;
                }
                from -= chunks;
                to -= chunks;
            }
        }
    }

    internal readonly struct UpdateBody(float* p, float* g, float* m, float* v, AdamNumbers numbers, float* fault) : ILoopBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int i)
            where V : struct, IFloatLane<V>
        {
            var next = numbers.Of(V.Load(p + i), V.Load(g + i), V.Load(m + i), V.Load(v + i));
            V.Store(m + i, next.Mean);
            V.Store(v + i, next.Square);
            V.Store(p + i, next.Value);
            if (!AdamNumbers.AllFinite(next.Value, next.Square) && *fault == 0f)
                *fault = numbers.Mark;
        }
    }
}
