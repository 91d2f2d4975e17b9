using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[TestFixture]
[Quick]
internal sealed class OpTableTests
{
    [Test]
    public void EveryOpHasARow() => Assert.That(
        OpTable.Missing(typeof(Op).Assembly.GetTypes().Concat([typeof(Identity)])), Is.Empty, "add a row to OpTable for each of these");

    [Test]
    public void AMissingRowIsFound() => Assert.That(
        OpTable.Missing(
            [typeof(Forgotten), typeof(ForgottenPair), typeof(ForgottenOp), typeof(ForgottenOp<>), typeof(Tanh), typeof(string)]),
        Is.EqualTo(new[] { nameof(Forgotten), nameof(ForgottenPair), nameof(ForgottenOp), "ForgottenOp`1" }));

    [Test]
    public void TheDetectorSeesTheEnginesOps() => Assert.That(
        typeof(Op).Assembly.GetTypes().Count(type => type.IsSubclassOf(typeof(Op))), Is.GreaterThan(15), "ops are still subclasses of Op");

    private readonly struct Forgotten : IMap
    {
        public V Forward<V>(V x)
            where V : struct, ILane<V> => x;

        public V Backward<V>(V x, V y, V dy)
            where V : struct, ILane<V> => dy;
    }

    private readonly struct ForgottenPair : IZip
    {
        public V Forward<V>(V a, V b)
            where V : struct, ILane<V> => a;
    }

    private class ForgottenOp(Var x) : Op(x)
    {
        public override void Backward(Var y, Var dy, GradientAccumulator gradients) => gradients.Add(A, dy);
    }

    private sealed class ForgottenOp<F>(Var x) : ForgottenOp(x);
}
