using GanFromScratch.Autograd;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>The loss of a classifier, and tables of labels, against their definitions.</summary>
[TestFixture]
[Quick]
internal sealed class ClassificationTests
{
    private const int Rows = 7, Classes = 5;
    private static readonly float[] Labels = [3, 0, 3, 1, 1, 3, 0]; // none is 2 or 4

    [Test]
    public void SoftmaxCrossEntropyAndItsGradientAreThoseOfTheFormula()
    {
        using var device = new CpuDevice(1);
        using var tape = new Tape(device);
        var x = tape.Variable(tape.Own(Numbers.Some(device, new Shape(Rows, Classes), seed: 1, size: 6)).Value);
        var loss = x.SoftmaxCrossEntropy(OneHot(tape));
        float[] xs = x.Value.ToArray(), gradient = tape.Gradients(loss, [x])[x].Value.ToArray();
        double expected = 0;
        var slopes = new double[xs.Length];
        for (int n = 0; n < Rows; n++)
        {
            double[] row = [.. xs.Skip(n * Classes).Take(Classes).Select(logit => Math.Exp(logit))];
            double all = row.Sum();
            expected -= Math.Log(row[(int)Labels[n]] / all) / Rows;
            for (int k = 0; k < Classes; k++)
                slopes[(n * Classes) + k] = ((row[k] / all) - (k == Labels[n] ? 1 : 0)) / Rows;
        }
        Assert.That(loss.Item(), Is.EqualTo(expected).Within(1e-6));
        Numbers.AssertClose(gradient, slopes, 1e-6, "gradient");
    }

    /// <summary>Where the class is certain, and where another one is, no digit is lost to the size of the logits.</summary>
    [Test]
    public void FarLogitsNeitherOverflowNorLoseDigits()
    {
        using var device = new CpuDevice(1);
        using var tape = new Tape(device);
        using var logits = Tensor.From(device, new Shape(2, 2), [20_000, 20_000.5f, -3e38f, 3e37f]);
        using var labels = Tensor.From(device, new Shape(2), [1, 1]);
        var x = tape.Variable(logits);
        var loss = x.SoftmaxCrossEntropy(tape.Constant(labels).OneHot(2));
        Assert.That(loss.Item(), Is.EqualTo(Math.Log(1 + Math.Exp(-0.5)) / 2).Within(1e-7));
        double other = 0.5 / (1 + Math.Exp(0.5));
        Numbers.AssertClose(tape.Gradients(loss, [x])[x].Value.ToArray(), [other, -other, 0, 0], 1e-6, "gradient");
    }

    [Test]
    public void ATablesGradientAddsRowsInOrderAndIsZeroForAbsentLabels([Values] bool differentiable)
    {
        const int Values = 19;
        using var device = new CpuDevice(2);
        using var tape = new Tape(device);
        using var table = Numbers.Some(device, new Shape(Classes, Values), seed: 2);
        using var dy = Numbers.Some(device, new Shape(Rows, Values), seed: 3);
        var t = tape.Variable(table);
        var rows = OneHot(tape).MatMul(t);
        var gradient = tape.Gradients(rows.Multiply(tape.Constant(dy)).Sum(), [t], differentiable)[t];
        float[] numbers = table.ToArray(), dys = dy.ToArray(), looked = new float[dys.Length], sums = new float[numbers.Length];
        for (int i = 0; i < dys.Length; i++)
        {
            int at = ((int)Labels[i / Values] * Values) + (i % Values);
            looked[i] = numbers[at];
            sums[at] += dys[i];
        }
        Numbers.AssertSame(rows.Value.ToArray(), looked, "rows");
        Numbers.AssertSame(gradient.Value.ToArray(), sums, "the table's gradient");
        Assert.That(sums[(2 * Values)..(3 * Values)], Is.All.Zero, "no row has label 2");
    }

    [Test]
    public void NoGradientFlowsToLabels()
    {
        using var device = new CpuDevice(1);
        using var tape = new Tape(device);
        using var logits = Numbers.Some(device, new Shape(Rows, Classes), seed: 1);
        Assert.That(OneHot(tape).RequiresGradient, Is.False);
        Assert.That(tape.Variable(logits).Margin(OneHot(tape)).RequiresGradient, Is.False);
    }

    [Test]
    public void WhatDoesNotFitIsRefused()
    {
        using var device = new CpuDevice(1);
        using var tape = new Tape(device);
        var oneHot = OneHot(tape);
        Var logits = New(Rows, Classes + 1), none = New(0, Classes);
        Numbers.AssertRefused(() => logits.SoftmaxCrossEntropy(oneHot), "Multiply", "[7,6]", "[7,5]");
        Numbers.AssertRefused(() => none.SoftmaxCrossEntropy(oneHot), "SoftmaxCrossEntropy", "[0,5] has no elements");
        Numbers.AssertRefused(() => New(3, 0).LogSoftmax(), "LogSoftmax", "a column for each class");

        Var New(params ReadOnlySpan<int> extents) => tape.Own(new Tensor(device, new Shape(extents)));
    }

    private static Var OneHot(Tape tape) => tape.Own(Tensor.From(tape.Device, new Shape(Rows), Labels)).OneHot(Classes);
}
