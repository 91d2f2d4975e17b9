using FsCheck;
using FsCheck.Fluent;
using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[TestFixture]
[Quick]
internal sealed class BatchNormOpTests
{
    private const float Epsilon = 1e-3f;

    [Test]
    public void TheKernelAndTheDifferentiablePathGiveTheSameGradients() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(60),
        Prop.ForAll(Sizes.ToArbitrary(), size =>
        {
            using var device = new CpuDevice(1);
            using var tape = new Tape(device);
            var (x, gamma, beta) = Inputs(tape, size.N, size.C);
            var loss = x.BatchNorm(gamma, beta, Epsilon, out _, out _).Tanh().Sum();
            Var[] targets = [x, gamma, beta];
            float[][] kernel = Values(tape.Gradients(loss, targets));
            float[][] ops = Values(tape.Gradients(loss, targets, differentiable: true));
            return Enumerable.Range(0, 3).All(t => kernel[t].Zip(ops[t]).All(pair => AreClose(pair.First, pair.Second))).Label($"{size}");

            static bool AreClose(float a, float b) => Math.Abs(a - b) <= 1e-4 * (1 + Math.Abs(a));

            float[][] Values(Gradients gradients) => [.. targets.Select(target => gradients[target].Value.ToArray())];
        }));

    [Test]
    public void TheBatchsOwnStatistics() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(60),
        Prop.ForAll(Sizes.ToArbitrary(), size =>
        {
            using var device = new CpuDevice(1);
            using var tape = new Tape(device);
            var (x, gamma, beta) = Inputs(tape, size.N, size.C);
            var y = x.BatchNorm(gamma, beta, Epsilon, out var mean, out var variance);
            float[] xs = x.Value.ToArray(), ys = y.Value.ToArray(), means = mean.ToArray(), variances = variance.ToArray();
            float[] g = gamma.Value.ToArray(), b = beta.Value.ToArray();
            for (int c = 0; c < size.C; c++)
            {
                double[] column = [.. Enumerable.Range(0, size.N).Select(n => (double)xs[(n * size.C) + c])];
                double average = column.Average(), biased = column.Sum(v => (v - average) * (v - average)) / size.N;
                if (Math.Abs(means[c] - average) > 1e-5 || Math.Abs(variances[c] - biased) > 1e-5)
                    return false.Label($"{size}: statistics of column {c}");
                for (int n = 0; n < size.N; n++)
                {
                    double expected = ((column[n] - average) / Math.Sqrt(biased + Epsilon) * g[c]) + b[c];
                    if (Math.Abs(ys[(n * size.C) + c] - expected) > 1e-4)
                        return false.Label($"{size}: y[{n},{c}]");
                }
            }
            return true.ToProperty();
        }));

    [Test]
    public void InferenceByTheBatchsStatisticsIsTraining()
    {
        using var device = new CpuDevice(1);
        using var tape = new Tape(device);
        var (x, gamma, beta) = Inputs(tape, 9, 21);
        var training = x.BatchNorm(gamma, beta, Epsilon, out var mean, out var variance);
        var inference = x.BatchNorm(gamma, beta, mean, variance, Epsilon);
        Assert.That(inference.Value.ToArray(), Is.EqualTo(training.Value.ToArray()));
        Assert.That(tape.Gradients(inference.Square().Sum(), [x])[x].Value.ToArray(),
            Is.Not.EqualTo(tape.Gradients(training.Square().Sum(), [x])[x].Value.ToArray()), "in training the statistics follow x");
    }

    private static Gen<(int N, int C)> Sizes => from n in Gen.Choose(3, 40) from c in Gen.Choose(1, 40) select (n, c);

    private static (Var X, Var Gamma, Var Beta) Inputs(Tape tape, int n, int c)
    {
        var random = new RandomStream((ulong)n, (uint)c);
        return (Uniform(new Shape(n, c), -2, 2), Uniform(new Shape(c), 0.5f, 1.5f), Uniform(new Shape(c), -1, 1));

        Var Uniform(Shape shape, float low, float high)
        {
            var values = tape.Rent(shape);
            RandomNumbers.Uniform(random, low, high, values);
            var kept = tape.Own(values).Value;
            return tape.Variable(kept);
        }
    }
}
