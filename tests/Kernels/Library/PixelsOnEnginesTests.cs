using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What moves and adds up pixels, on every engine, to the bit against loops over the definitions.</summary>
[TestFixtureSource(typeof(Engine), nameof(Engine.All))]
internal sealed class PixelsOnEnginesTests(Engine engine)
{
    private Device _device = null!;

    [OneTimeSetUp]
    public void Open() => _device = engine.Device;

    [Test]
    public void UpsampleHasEachPixelTwiceDownAndAcross()
    {
        foreach (var shape in Sizes)
        {
            using var x = Numbers.Some(_device, shape, seed: 1);
            using var y = Numbers.Unwritten(_device, shape[0], 2 * shape[1], 2 * shape[2], shape[3]);
            Pixels.Upsample(x, y);
            var from = new Pictures(x);
            Numbers.AssertSame(y.ToArray(), Each(y.Shape, (n, i, j, c) => from[n, i / 2, j / 2, c]), $"{shape}");
        }
    }

    [Test]
    public void SumPoolAddsTheTwoAboveAndTheTwoBelowFirst()
    {
        foreach (var shape in Sizes)
        {
            using var x = Numbers.Some(_device, new Shape(shape[0], 2 * shape[1], 2 * shape[2], shape[3]), seed: 1);
            using var y = Numbers.Unwritten(_device, shape[0], shape[1], shape[2], shape[3]);
            Pixels.SumPool(x, y);
            var from = new Pictures(x);
            float[] sums = Each(shape, (n, i, j, c) => Above(n, 2 * i, 2 * j, c) + Above(n, (2 * i) + 1, 2 * j, c));
            Numbers.AssertSame(y.ToArray(), sums, $"{shape}");

            float Above(int n, int i, int j, int c) => from[n, i, j, c] + from[n, i, j + 1, c];
        }
    }

    /// <summary>Every way that a picture can go, and back: what went beyond an edge is lost, and what comes back there is 0.</summary>
    [Test]
    public void MovePutsPicturesElsewhereAndBack([Values(0, 1)] int mirrors)
    {
        const int Reach = 2, Ways = (2 * Reach) + 1;
        var shape = new Shape(2 * Ways * Ways, 4, 3, 2);
        using var x = Numbers.Some(_device, shape, seed: 1);
        using var y = Numbers.Unwritten(_device, shape[0], shape[1], shape[2], shape[3]);
        using var draws = Tensor.From(_device, new Shape(shape[0], 3), [.. Enumerable.Range(0, shape[0]).SelectMany(n => new[]
        {
            (n / 2 % Ways + 0.5f) / Ways, (n / 2 / Ways + 0.5f) / Ways, n % 2 == 0 ? 0.2f : 0.8f,
        })]);
        var from = new Pictures(x);
        Pixels.Move(x, draws, new PixelMove(Reach, mirrors, 0, -1f), y);
        Numbers.AssertSame(y.ToArray(), Each(shape, (n, i, j, c) =>
        {
            int row = i - Down(n), column = (IsMirrored(n) ? shape[2] - 1 - j : j) - Right(n);
            return row >= 0 && row < shape[1] && column >= 0 && column < shape[2] ? from[n, row, column, c] : -1f;
        }), "there");
        Pixels.Move(x, draws, new PixelMove(Reach, mirrors, 0, 3f).Reversed, y);
        Numbers.AssertSame(y.ToArray(), Each(shape, (n, i, j, c) =>
        {
            int row = i + Down(n), column = j + Right(n);
            bool isWithin = row >= 0 && row < shape[1] && column >= 0 && column < shape[2];
            return isWithin ? from[n, row, IsMirrored(n) ? shape[2] - 1 - column : column, c] : 0f;
        }), "back");

        int Down(int n) => (n / 2 % Ways) - Reach;
        int Right(int n) => (n / 2 / Ways) - Reach;
        bool IsMirrored(int n) => mirrors == 1 && n % 2 == 0;
    }

    /// <summary>Padded, cropped, both at once, and shifted out of sight.</summary>
    [TestCase(0, 1, 0, 1)]
    [TestCase(2, 0, 0, 0)]
    [TestCase(0, 0, 3, 0)]
    [TestCase(1, 2, 3, 4)]
    [TestCase(-1, 0, 0, -1)]
    [TestCase(0, -1, 2, -1)]
    [TestCase(-9, 9, 0, 0)]
    [TestCase(0, 0, 9, -9)]
    public void PadPutsZerosAroundOrTakesOff(int top, int bottom, int left, int right)
    {
        foreach (var shape in Sizes)
        {
            using var x = Numbers.Some(_device, shape, seed: 1);
            int rows = Math.Max(0, shape[1] + top + bottom), columns = Math.Max(0, shape[2] + left + right);
            using var y = Numbers.Unwritten(_device, shape[0], rows, columns, shape[3]);
            Pixels.Pad(x, top, left, y);
            var from = new Pictures(x);
            float[] want = Each(y.Shape, (n, i, j, c) => from.Has(i - top, j - left) ? from[n, i - top, j - left, c] : 0f);
            Numbers.AssertSame(y.ToArray(), want, $"{shape}");
        }
    }

    [Test]
    public void SumPixelsAddsRowsFirst()
    {
        foreach (var shape in Sizes)
        {
            using var x = Numbers.Some(_device, shape, seed: 1);
            using var y = Numbers.Unwritten(_device, shape[0], shape[3]);
            Pixels.SumPixels(x, 0.3f, y);
            var from = new Pictures(x);
            float[] want = Each(new Shape(shape[0], 1, 1, shape[3]), (n, _, _, c) =>
            {
                float sum = 0f;
                for (int i = 0; i < shape[1]; i++)
                    sum += Enumerable.Range(0, shape[2]).Aggregate(0f, (row, j) => row + from[n, i, j, c]);
                return 0.3f * sum;
            });
            Numbers.AssertSame(y.ToArray(), want, $"{shape}");
        }
    }

    [Test]
    public void RepeatPixelsFillsPictures()
    {
        foreach (var shape in Sizes)
        {
            using var x = Numbers.Some(_device, new Shape(shape[0], shape[3]), seed: 1);
            using var y = Numbers.Unwritten(_device, shape[0], shape[1], shape[2], shape[3]);
            Pixels.RepeatPixels(x, -0.7f, y);
            float[] rows = x.ToArray();
            Numbers.AssertSame(y.ToArray(), Each(shape, (n, _, _, c) => -0.7f * rows[(n * shape[3]) + c]), $"{shape}");
        }
    }

    [Test]
    public void WhatDoesNotFitIsRefused()
    {
        using Tensor x = New(2, 4, 6, 3), flat = New(2, 72), half = New(2, 2, 3, 3), otherChannels = New(2, 2, 3, 2), row = New(2, 3);
        Numbers.AssertRefused(() => Pixels.Upsample(x, half), "Upsample", "[2,4,6,3]", "[2,2,3,3]", "twice as high and wide");
        Numbers.AssertRefused(() => Pixels.Upsample(otherChannels, x), "Upsample", "channels");
        Numbers.AssertRefused(() => Pixels.SumPool(x, flat), "SumPool", "[2,72]", "must be pictures");
        Numbers.AssertRefused(() => Pixels.Pad(x, 0, 0, otherChannels), "Pad", "[2,4,6,3]", "[2,2,3,2]", "the same N and channels");
        Numbers.AssertRefused(() => Pixels.Pad(flat, 0, 0, x), "Pad", "must be pictures");
        Numbers.AssertRefused(() => Pixels.SumPixels(otherChannels, 1f, row), "SumPixels", "[2,2,3,2]", "[2,3]", "a row for each");
        Numbers.AssertRefused(() => Pixels.RepeatPixels(row, 1f, flat), "RepeatPixels", "must be pictures");

        Tensor New(params ReadOnlySpan<int> extents) => new(_device, new Shape(extents));
    }

    /// <summary>None, one pixel, one channel, higher than wide, wider than high, and channels around sixteen lanes.</summary>
    private Shape[] Sizes => engine.Speed == Engine.Pace.Slow
        ? [new(0, 2, 3, 1), new(1, 1, 1, 1), new(2, 3, 2, 5)]
        : [new(0, 2, 3, 1), new(2, 0, 3, 4), new(1, 1, 1, 1), new(3, 5, 2, 1), new(2, 3, 7, 17), new(4, 6, 5, 64), new(70, 9, 11, 19)];

    private static float[] Each(Shape shape, Func<int, int, int, int, float> at) =>
    [
        .. from n in Enumerable.Range(0, shape[0])
           from i in Enumerable.Range(0, shape[1])
           from j in Enumerable.Range(0, shape[2])
           from c in Enumerable.Range(0, shape[3])
           select at(n, i, j, c),
    ];

    private sealed class Pictures(Tensor tensor)
    {
        private readonly Shape _shape = tensor.Shape;
        private readonly float[] _numbers = tensor.ToArray();

        public float this[int n, int i, int j, int c] => _numbers[(((((n * _shape[1]) + i) * _shape[2]) + j) * _shape[3]) + c];

        public bool Has(int i, int j) => i >= 0 && i < _shape[1] && j >= 0 && j < _shape[2];
    }
}
