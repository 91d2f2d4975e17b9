using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;
using ILGPU;

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
/// <param name="Deferred">Its gradient where that is not computed yet; on the processor alone.</param>
public readonly record struct AdamSlot(Tensor Value, Tensor? Gradient, Tensor Mean, Tensor Square, DeferredWeightGradient? Deferred = null);

/// <summary>
/// Adam (Kingma and Ba, 2015, Algorithm 1) for all parameters of a network in one pass, spread over threads by elements:
/// m = b1·m + (1-b1)·g, v = b2·v + (1-b2)·g², p -= rate·m̂ / (√v̂ + epsilon).
/// </summary>
/// <remarks>
/// Results are tested while they are in registers, in a loop that waits for memory: divergence is noticed in the step where it happens, and
/// nothing is read twice.
/// <para>On the processor a weight's gradient may be deferred: the update is then the epilogue of the product that computes it
/// (<see cref="AdamEpilogue"/>), and only the optimiser's arithmetic remains.</para>
/// </remarks>
public static unsafe class AdamStep
{
    private const int Chunk = 2048; // elements of a unit: fixed, so that the number of threads changes no result

    /// <summary>Updates every parameter and its moments.</summary>
    /// <param name="slots">The parameters.</param>
    /// <param name="numbers">The numbers of this update.</param>
    /// <param name="faults">A number for each slot, initially 0; it becomes the mark of the first update that left a non-finite number in
    /// the slot.</param>
    /// <exception cref="ArgumentException">A slot's tensors differ in shape, there isn't one fault for each slot, or a gradient is
    /// missing.</exception>
    public static void Run(AdamSlot[] slots, AdamNumbers numbers, Tensor faults)
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
        RunOnAccelerator((AcceleratorDevice)device, slots, numbers, faults.On(device));
    }

    private static void Require(AdamSlot slot)
    {
        if (slot.Deferred is not { } gradient || slot.Value.Device is not CpuDevice || !MatMul.CanFuse(gradient.X, gradient.More))
        {
            throw new ArgumentException(
                $"Adam: the gradient of {slot.Value.Shape} has to be computed first: it can't be fused with the update");
        }
        for (var share = gradient; share is not null; share = share.More)
        {
            if (MatMul.ResultShape(share.X.Shape, true, share.Dy.Shape, false) != slot.Value.Shape)
                Operands.Refuse("Adam", share.X, share.Dy, $"their product is not a gradient of {slot.Value.Shape}");
        }
    }

    /// <summary>Updates sixteen parameters in a launch, or eight: OpenCL guarantees only 1,024 bytes of arguments.</summary>
    private static void RunOnAccelerator(
        AcceleratorDevice device, ReadOnlySpan<AdamSlot> slots, AdamNumbers numbers, ArrayView<float> faults)
    {
        int most = device.MaxArgumentBytes < 2048 ? 8 : 16; // sixteen take some 1,700 bytes on OpenCL, where a view has an extra pointer
        for (int first = 0; first < slots.Length; first += most)
        {
            var those = slots.Slice(first, Math.Min(most, slots.Length - first));
            int chunks = 0;
            var low = new EightSlots(device, those, 0, first, ref chunks);
            if (most == 8)
            {
                Launch(chunks, AdamOfEightKernel, new ArgumentsOfEight(low, numbers, faults));
                continue;
            }
            int before = chunks;
            var high = new EightSlots(device, those, 8, first, ref chunks);
            Launch(chunks, AdamOfSixteenKernel, new ArgumentsOfSixteen(low, high, before, numbers, faults));
        }

        void Launch<A>(int groups, Action<A> kernel, A arguments)
            where A : struct => Launcher.Groups(device, new Index2D(groups, 1), device.ThreadsAlone, kernel, arguments);
    }

    /// <summary>A parameter on a device, with its first chunk and the index of its fault.</summary>
    internal readonly record struct DeviceSlot(
        ArrayView<float> Value, ArrayView<float> Gradient, ArrayView<float> Mean, ArrayView<float> Square, int FirstChunk, int Fault);

    /// <summary>Eight parameters; the first chunk of an unused place is past the last one.</summary>
    internal readonly record struct EightSlots
    {
        private readonly DeviceSlot _s0, _s1, _s2, _s3, _s4, _s5, _s6, _s7;

        public EightSlots(AcceleratorDevice device, ReadOnlySpan<AdamSlot> slots, int next, int firstFault, ref int chunks)
        {
            _s0 = Next(slots, ref chunks);
            _s1 = Next(slots, ref chunks);
            _s2 = Next(slots, ref chunks);
            _s3 = Next(slots, ref chunks);
            _s4 = Next(slots, ref chunks);
            _s5 = Next(slots, ref chunks);
            _s6 = Next(slots, ref chunks);
            _s7 = Next(slots, ref chunks);

            DeviceSlot Next(ReadOnlySpan<AdamSlot> slots, ref int chunks)
            {
                ref readonly var slot = ref slots[Math.Min(next, slots.Length - 1)];
                var (value, gradient) = (slot.Value.On(device), slot.Gradient!.On(device));
                var placed = new DeviceSlot(value, gradient, slot.Mean.On(device), slot.Square.On(device), chunks, firstFault + next);
                if (next++ < slots.Length)
                    chunks += Chunks(slot);
                return placed;
            }
        }

        /// <summary>Returns a chunk's parameter.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public DeviceSlot Of(int chunk)
        {
            var slot = _s0;
            slot = chunk >= _s1.FirstChunk ? _s1 : slot;
            slot = chunk >= _s2.FirstChunk ? _s2 : slot;
            slot = chunk >= _s3.FirstChunk ? _s3 : slot;
            slot = chunk >= _s4.FirstChunk ? _s4 : slot;
            slot = chunk >= _s5.FirstChunk ? _s5 : slot;
            slot = chunk >= _s6.FirstChunk ? _s6 : slot;
            return chunk >= _s7.FirstChunk ? _s7 : slot;
        }
    }

    internal readonly record struct ArgumentsOfEight(EightSlots Slots, AdamNumbers Numbers, ArrayView<float> Faults);

    internal readonly record struct ArgumentsOfSixteen(
        EightSlots Low, EightSlots High, int FirstOfHigh, AdamNumbers Numbers, ArrayView<float> Faults);

    private static void AdamOfEightKernel(ArgumentsOfEight a) => UpdateChunk(a.Slots.Of(Grid.IdxX), a.Numbers, a.Faults);

    private static void AdamOfSixteenKernel(ArgumentsOfSixteen a) =>
        UpdateChunk(Grid.IdxX >= a.FirstOfHigh ? a.High.Of(Grid.IdxX) : a.Low.Of(Grid.IdxX), a.Numbers, a.Faults);

    /// <summary>Updates one chunk of one parameter by one group.</summary>
    private static void UpdateChunk(DeviceSlot slot, AdamNumbers numbers, ArrayView<float> faults)
    {
        int from = (Grid.IdxX - slot.FirstChunk) * Chunk;
        for (int i = from + Group.IdxX; i < from + Chunk && i < slot.Value.Length; i += Group.DimX)
        {
            var next = numbers.Of(
                new Scalar(slot.Value[i]), new Scalar(slot.Gradient[i]), new Scalar(slot.Mean[i]), new Scalar(slot.Square[i]));
            slot.Value[i] = next.Value.Value;
            slot.Mean[i] = next.Mean.Value;
            slot.Square[i] = next.Square.Value;
            // all threads that find one write the same mark
            if (!AdamNumbers.AllFinite(next.Value, next.Square) && faults[slot.Fault] == 0f)
                faults[slot.Fault] = numbers.Mark;
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
