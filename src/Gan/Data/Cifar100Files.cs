namespace GanFromScratch.Gan.Data;

/// <summary>The files of CIFAR-100: `train.bin` and `test.bin`. Of a picture's two labels, the second, finer one is its class.</summary>
public static class Cifar100Files
{
    /// <summary>Its files.</summary>
    internal static CifarFiles Files { get; } = new("cifar100", "CIFAR-100")
    {
        Archive = "cifar-100-binary",
        Subfolder = "cifar-100-binary",
        Training = ["train.bin"],
        Test = "test.bin",
        LabelBytes = 2,
        Classes =
        [
            "apple", "aquarium fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy", "bridge",
            "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock", "cloud", "cockroach",
            "couch", "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish", "forest", "fox", "girl", "hamster",
            "house", "kangaroo", "keyboard", "lamp", "lawn mower", "leopard", "lion", "lizard", "lobster", "man", "maple tree",
            "motorcycle", "mountain", "mouse", "mushroom", "oak tree", "orange", "orchid", "otter", "palm tree", "pear", "pickup truck",
            "pine tree", "plain", "plate", "poppy", "porcupine", "possum", "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea",
            "seal", "shark", "shrew", "skunk", "skyscraper", "snail", "snake", "spider", "squirrel", "streetcar", "sunflower",
            "sweet pepper", "table", "tank", "telephone", "television", "tiger", "tractor", "train", "trout", "tulip", "turtle",
            "wardrobe", "whale", "willow tree", "wolf", "woman", "worm",
        ],
    };
}
