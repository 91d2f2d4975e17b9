using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>The numbers of one Adam update that are the same for all parameters.</summary>
/// <param name="Rate">The step size, with the first moment's bias correction in it: learning rate / (1 - beta1ᵗ).</param>
/// <param name="Beta1">Decay of the mean of gradients.</param>
/// <param name="Beta2">Decay of the mean of squared gradients.</param>
/// <param name="RootCorrection">1 / √(1 - beta2ᵗ), the second moment's bias correction under the root.</param>
/// <param name="Epsilon">Added to the corrected root.</param>
public readonly record struct AdamNumbers(float Rate, float Beta1, float Beta2, float RootCorrection, float Epsilon);

/// <summary>One parameter with its gradient and moments, all of one shape.</summary>
/// <param name="Value">The parameter.</param>
/// <param name="Gradient">Its gradient.</param>
/// <param name="Mean">The running mean of gradients.</param>
/// <param name="Square">The running mean of squared gradients.</param>
public readonly record struct AdamSlot(Tensor Value, Tensor Gradient, Tensor Mean, Tensor Square);

/// <summary>
/// Adam (Kingma and Ba, 2015, Algorithm 1) for all parameters of a network in one pass, spread over threads by elements:
/// m = b1·m + (1-b1)·g, v = b2·v + (1-b2)·g², p -= rate·m̂ / (√v̂ + epsilon).
/// </summary>
public static unsafe class AdamStep
{
    /// <summary>Updates every parameter and its moments.</summary>
    /// <exception cref="ArgumentException">A slot's tensors differ in shape.</exception>
    public static void Run(AdamSlot[] slots, AdamNumbers numbers)
    {
        if (slots.Length == 0)
            return;
        int chunks = 0;
        foreach (ref readonly var slot in slots.AsSpan())
        {
            Host.SameShape("Adam", slot.Value, slot.Gradient);
            Host.SameShape("Adam", slot.Value, slot.Mean);
            Host.SameShape("Adam", slot.Value, slot.Square);
            chunks += Chunks(slot.Value.Count);
        }
        var device = slots[0].Value.Cpu("Adam");
        var job = new Job(slots, numbers);
        device.Run(ref job, chunks, 4);
    }

    private static int Chunks(int count) => (count + Host.Chunk - 1) / Host.Chunk;

    /// <summary>A unit is one chunk; chunks are numbered through all slots.</summary>
    private readonly struct Job(AdamSlot[] slots, AdamNumbers numbers) : IJob
    {
        public void Run(int from, int to)
        {
            for (int s = 0; s < slots.Length && from < to; s++)
            {
                int chunks = Chunks(slots[s].Value.Count);
                if (from < chunks)
                {
                    int end = Math.Min(to, chunks);
                    var update = new Update(
                        slots[s].Value.Pointer(), slots[s].Gradient.Pointer(), slots[s].Mean.Pointer(), slots[s].Square.Pointer(), numbers);
                    Host.Loop(update, from * Host.Chunk, Math.Min(end * Host.Chunk, slots[s].Value.Count));
                    from = end;
                }
                from -= chunks;
                to -= chunks;
            }
        }
    }

    private readonly struct Update(float* p, float* g, float* m, float* v, AdamNumbers numbers) : IBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int i)
            where V : struct, IFloatLane<V>
        {
            V gradient = V.Load(g + i);
            V mean = V.MultiplyAdd(V.Of(numbers.Beta1), V.Load(m + i), V.Of(1f - numbers.Beta1) * gradient);
            V square = V.MultiplyAdd(V.Of(numbers.Beta2), V.Load(v + i), V.Of(1f - numbers.Beta2) * (gradient * gradient));
            V.Store(m + i, mean);
            V.Store(v + i, square);
            V root = V.MultiplyAdd(V.Sqrt(square), V.Of(numbers.RootCorrection), V.Of(numbers.Epsilon));
            V.Store(p + i, V.Load(p + i) - (V.Of(numbers.Rate) * mean / root));
        }
    }
}
