using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Data;

/// <summary>The files of CIFAR-10: `data_batch_1.bin` to `data_batch_5.bin` for training, and `test_batch.bin`.</summary>
public static class Cifar10Files
{
    /// <summary>The shape of a picture.</summary>
    public static PictureShape Shape => CifarFiles.Shape;

    /// <summary>Its files.</summary>
    internal static CifarFiles Files { get; } = new("cifar10", "CIFAR-10")
    {
        Archive = "cifar-10-binary",
        Subfolder = "cifar-10-batches-bin",
        Training = [.. Enumerable.Range(1, 5).Select(batch => $"data_batch_{batch}.bin")],
        Test = "test_batch.bin",
        LabelBytes = 1,
        Classes = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
    };
}
