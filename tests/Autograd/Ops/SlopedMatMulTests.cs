using GanFromScratch.Autograd;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// A product whose activation's slope is applied as it is stored, differentiated again, and again: the gradients of the same network whose
/// layers are made of a product, a sum and a map, none of which fuses anything.
/// </summary>
[TestFixture]
[Quick]
internal sealed class SlopedMatMulTests
{
    /// <summary>
    /// The loss has the gradient at the inputs, the one at a hidden layer, which is a target and has two uses, and its own gradient.
    /// </summary>
    [Test]
    public void FusedGradientsAreThoseOfTheirParts([Values] bool leaky, [Values(1, 2)] int uses)
    {
        float[][] fused = Gradients(leaky, uses, isFused: true), parts = Gradients(leaky, uses, isFused: false);
        Assert.That(fused.SelectMany(values => values).Count(x => x != 0), Is.GreaterThan(100));
        for (int i = 0; i < parts.Length; i++)
            Numbers.AssertClose(fused[i], [.. parts[i].Select(x => (double)x)], 1e-5, $"gradient {i}", floor: 1e-3);
    }

    private static float[][] Gradients(bool leaky, int uses, bool isFused)
    {
        const int Rows = 5, Inputs = 7, Hidden = 6;
        using var device = new CpuDevice(1);
        using var tape = new Tape(device);
        Var x = Leaf(1, Rows, Inputs);
        (Var W, Var B)[] layers = [(Leaf(2, Inputs, Hidden), Leaf(3, Hidden)), (Leaf(4, Hidden, Hidden), Leaf(5, Hidden))];
        Var last = Leaf(6, Hidden, 1);
        Var first = Layer(x, 0), hidden = Layer(first, 1);
        var y = hidden.MatMul(last);
        for (int use = 1; use < uses; use++)
            y = y.Add(Layer(first, 1).MatMul(last));
        var slopes = tape.Gradients(SumOfSquares(y), [x, first], differentiable: true);
        Var dx = slopes[x], dFirst = slopes[first];
        var penalty = SumOfSquares(dx).Add(SumOfSquares(dFirst));
        Var[] targets = [x, .. layers.SelectMany(layer => (Var[])[layer.W, layer.B]), last];
        var again = tape.Gradients(penalty, [.. targets, dFirst, dx], differentiable: true);
        float[][] second = [.. targets.Append(dFirst).Append(dx).Select(target => again[target].Value.ToArray())];
        var third = tape.Gradients(SumOfSquares(again[layers[0].W]), targets);
        return [.. second, .. targets.Select(target => third[target].Value.ToArray())];

        Var Leaf(int seed, params int[] extents) => tape.Variable(Numbers.Some(device, new Shape(extents), seed));

        static Var SumOfSquares(Var v) => v.Multiply(v).Sum(); // of Square there is no third derivative

        Var Layer(Var input, int i)
        {
            var (w, b) = layers[i];
            if (isFused)
                return leaky ? input.Linear(w, b, new LeakyRelu(0.2f)) : input.Linear(w, b, default(Relu));
            var z = input.MatMul(w).AddRow(b);
            return leaky ? z.LeakyRelu() : z.Relu();
        }
    }
}
