using GanFromScratch.Gan.Data;

namespace GanFromScratch.Tests;

/// <summary>The built-in digits as files of MNIST's form: a labelled set that is small enough to learn from in a moment.</summary>
internal static class LabelledDigits
{
    public const int Training = 2400;
    public const int Test = 400;

    private static readonly ImageSet All = Digits.Draw(Training + Test);

    /// <summary>The first pictures for training, the last for testing.</summary>
    public static void Put(TestFolder folder, string name, bool withTest = true) =>
        Put(part => folder.File(Path.Combine(name, part.Name), part.Content), withTest);

    public static void Put(Action<(string Name, byte[] Content)> put, bool withTest = true)
    {
        Part(MnistFiles.Training, 0, Training);
        if (withTest)
            Part(MnistFiles.Test, Training, Test);

        void Part(MnistPart part, int from, int count)
        {
            put((part.Images.Names[0], FakeMnist.Idx(2051, [count, 28, 28], All.Pixels.AsSpan(from * 784, count * 784).ToArray())));
            put((part.Labels.Names[0], FakeMnist.Idx(2049, [count], All.Labels.AsSpan(from, count).ToArray())));
        }
    }
}
