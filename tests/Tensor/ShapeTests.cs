using FsCheck;
using FsCheck.Fluent;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[Quick]
public class ShapeTests
{
    [TestCase(new int[0], 1, 1, 1, "[]")]
    [TestCase(new[] { 7 }, 7, 1, 7, "[7]")]
    [TestCase(new[] { 128, 784 }, 100352, 128, 784, "[128,784]")]
    [TestCase(new[] { 2, 3, 5 }, 30, 6, 5, "[2,3,5]")]
    [TestCase(new[] { 2, 3, 5, 7 }, 210, 30, 7, "[2,3,5,7]")]
    [TestCase(new[] { 0, 784 }, 0, 0, 784, "[0,784]")]
    [TestCase(new[] { 5, 0 }, 0, 5, 0, "[5,0]")]
    [TestCase(new[] { Shape.MaxElements }, Shape.MaxElements, 1, Shape.MaxElements, "[2147418112]")]
    public void CountsAndPrints(int[] extents, int count, int rows, int columns, string text)
    {
        var shape = new Shape(extents);
        Assert.That(shape.Rank, Is.EqualTo(extents.Length));
        Assert.That(shape.Count, Is.EqualTo(count));
        Assert.That(shape.Rows, Is.EqualTo(rows));
        Assert.That(shape.Columns, Is.EqualTo(columns));
        Assert.That(shape.ToString(), Is.EqualTo(text));
        for (int d = 0; d < extents.Length; d++)
            Assert.That(shape[d], Is.EqualTo(extents[d]));
    }

    [Test]
    public void TheDefaultIsRankZeroAndHoldsOneNumber()
    {
        Assert.That(default(Shape).Count, Is.EqualTo(1));
        Assert.That(new Shape().Count, Is.EqualTo(1));
        Assert.That(new Shape(), Is.EqualTo(new Shape([])));
        Assert.That(new Shape().GetHashCode(), Is.EqualTo(new Shape([]).GetHashCode()));
    }

    [Test]
    public void RefusesWhatCannotBeAShape()
    {
        Assert.Throws<ArgumentException>(() => _ = new Shape(1, 2, 3, 4, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new Shape(3, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new Shape(0, -1));
        Assert.That(() => _ = new Shape(65536, 32768), Throws.ArgumentException.With.Message.Contains("[65536,32768]"));
        Assert.Throws<ArgumentException>(() => _ = new Shape(int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue));
    }

    [TestCase(-1)]
    [TestCase(2)]
    public void HasNoOtherDimensions(int dimension) =>
        Assert.That(() => _ = new Shape(3, 4)[dimension], Throws.TypeOf<IndexOutOfRangeException>().With.Message.Contains("[3,4]"));

    [Test]
    public void SameCountIsNotSameShape()
    {
        Shape[] shapes = [new(), new(1), new(1, 1), new(6), new(2, 3), new(3, 2), new(1, 6), new(2, 3, 1), new(0, 3), new(3, 0)];
        for (int i = 0; i < shapes.Length; i++)
        {
            for (int j = 0; j < shapes.Length; j++)
            {
                Assert.That(shapes[i] == shapes[j], Is.EqualTo(i == j), $"{shapes[i]} and {shapes[j]}");
                Assert.That(shapes[i] != shapes[j], Is.EqualTo(i != j));
                Assert.That(shapes[i].Equals((object)shapes[j]), Is.EqualTo(i == j));
            }
        }
        Assert.That(new Shape(2, 3).GetHashCode(), Is.EqualTo(new Shape([2, 3]).GetHashCode()));
        Assert.That(new Shape(2, 3).Equals("[2,3]"), Is.False);
    }

    [Test]
    public void RowsTimesColumnsIsTheCount() => Prop.ForAll<byte, byte, byte>((a, b, c) =>
    {
        var shape = new Shape(a, b, c);
        return shape.Rows * shape.Columns == shape.Count && shape.Count == a * b * c;
    }).QuickCheckThrowOnFailure();
}
